package dev.millrace.projects;

import java.util.Map;

/**
 * That projects run in containers.
 *
 * @param image for projects that name none; empty if these are refused
 * @param environment what containers may get of this process's environment
 * @param volumes what they may get of the machine
 */
record Containers(String image, Map<String, String> environment, Volumes volumes) {}
