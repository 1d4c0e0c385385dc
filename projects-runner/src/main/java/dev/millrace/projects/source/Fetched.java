package dev.millrace.projects.source;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Code that has been fetched.
 *
 * @param root of all of it
 * @param project the project's folder: the root, or one in it
 * @param commit null if it is from no repository, like the others
 * @param repositoryUrl without user and password
 * @param branch null, too, if a tag, a commit or nothing was asked for
 */
public record Fetched(
    Path root,
    Path project,
    @Nullable String commit,
    @Nullable String repositoryUrl,
    @Nullable String branch) {}
