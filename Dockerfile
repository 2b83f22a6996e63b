# syntax=docker/dockerfile:1
# denywatch in a container: its own Java runtime on a base with libc and little else; no shell.
#
#   docker build --build-arg REVISION=$(git rev-parse --short HEAD) --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) .
#
# BUILD needs a JDK 25 and Maven, BASE glibc and nothing else: this default has no shell either. Pin both by digest where you build for others.
# scripts/image makes the same without a daemon and without a registry.
ARG BUILD=maven:3-eclipse-temurin-25
ARG BASE=chainguard/glibc-dynamic

FROM ${BUILD} AS build
ARG REVISION=unknown
# Jars get this time, and the AOT cache holds only for it: a tool that sets the times of all files must set the same.
ARG SOURCE_DATE_EPOCH=1795392000
WORKDIR /src
COPY pom.xml ./
COPY agent/pom.xml agent/
COPY agent/src agent/src
RUN DENYWATCH_REVISION="${REVISION}" \
    mvn -B -ntp package -DskipTests -Dproject.build.outputTimestamp="${SOURCE_DATE_EPOCH}" \
    && mkdir -p /state \
    && rm agent/target/denywatch/bin/denywatch agent/target/denywatch/bin/keytool

FROM ${BASE}
ARG REVISION=unknown
ARG VERSION=0.1.0-SNAPSHOT
ARG CREATED=2026-11-23T00:00:00Z
ARG SOURCE=
LABEL org.opencontainers.image.title="denywatch" \
      org.opencontainers.image.description="Counts the packets that Calico denies, from a node's syslog to Prometheus" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /src/agent/target/denywatch /usr/lib/denywatch
COPY agent/src/image/container/ /usr/bin/
COPY LICENSE /usr/share/doc/denywatch/LICENSE
COPY --from=build --chown=65532:65532 /state /var/lib/denywatch
USER 65532:65532
EXPOSE 9464 9465
ENTRYPOINT ["/usr/bin/denywatch"]
CMD ["agent"]
