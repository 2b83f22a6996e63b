package io.denywatch.api;

/** Why a request has no answer, in one line. */
public record ErrorDocument(String error) {}
