# Two stages: build a wheel with the locked tools, then install it for a user that is not root.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make python3 python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN make wheel
RUN python3 -m venv /opt/apigw \
 && /opt/apigw/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
 && /opt/apigw/bin/pip install --no-cache-dir --no-deps dist/*.whl

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3 \
 && rm -rf /var/lib/apt/lists/* && useradd --system --uid 10001 --home-dir /data apigw && install -d -o apigw -g apigw /data
COPY --from=build /opt/apigw /opt/apigw
COPY LICENSE NOTICE /usr/share/doc/apigw/
ENV PATH=/opt/apigw/bin:$PATH \
    APIGW_DATA_DIR=/data \
    APIGW_LISTEN=0.0.0.0:8080 \
    APIGW_LISTEN_TLS=0.0.0.0:8443 \
    APIGW_ADMIN_LISTEN=0.0.0.0:9080 \
    APIGW_PLAIN_HTTP=true \
    APIGW_DRAIN_DELAY=5s
USER 10001
VOLUME /data
EXPOSE 8080 8443 9080
HEALTHCHECK --interval=10s --timeout=3s CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9080/ready', timeout=2)"]
ENTRYPOINT ["apigw"]
CMD ["serve"]
