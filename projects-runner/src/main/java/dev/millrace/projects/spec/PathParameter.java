package dev.millrace.projects.spec;

/**
 * A parameter of the type {@code path} whose value is somewhere else and must be downloaded before
 * the command can run.
 *
 * @param name of the parameter
 * @param uri what to download: of any scheme that MLflow's artifact stores know
 * @param folder a name for the folder to download into, as MLflow has it: {@code param_0}
 */
public record PathParameter(String name, String uri, String folder) {}
