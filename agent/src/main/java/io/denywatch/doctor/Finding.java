package io.denywatch.doctor;

/**
 * What a check found out.
 *
 * @param id the stable name of what it is about, in lower case with hyphens
 * @param severity how bad it is
 * @param what was found, with the values; one line
 * @param why it matters; empty where all is well
 * @param todo what to do about it; empty where all is well
 */
public record Finding(String id, Severity severity, String what, String why, String todo) {}
