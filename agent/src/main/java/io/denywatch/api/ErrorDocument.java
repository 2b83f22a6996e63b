package io.denywatch.api;

/** The reason why a request failed, in one line. */
public record ErrorDocument(String error) {}
