# Two stages: build and install with the Makefile, then keep what was installed, for a user that is not root.
# docs/deploy.md says how to run it: the root file system may be read-only, everything that is written goes to /data.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make python3 python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN make install PREFIX=/opt/apigw

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3 \
 && rm -rf /var/lib/apt/lists/* && useradd --system --uid 10001 --home-dir /data apigw \
 && install -d -o apigw -g apigw -m 0700 /data && install -d /etc/apigw
COPY --from=build /opt/apigw /opt/apigw
COPY LICENSE NOTICE /usr/share/doc/apigw/
ENV PATH=/opt/apigw/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    APIGW_DATA_DIR=/data \
    APIGW_LISTEN=0.0.0.0:8080 \
    APIGW_LISTEN_TLS=0.0.0.0:8443 \
    APIGW_ADMIN_LISTEN=0.0.0.0:9080 \
    APIGW_PLAIN_HTTP=true \
    APIGW_DRAIN_DELAY=5s
USER 10001
WORKDIR /etc/apigw
VOLUME /data
EXPOSE 8080 8443 9080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["apigw", "ready"]
ENTRYPOINT ["apigw"]
CMD ["serve"]
