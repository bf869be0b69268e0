# The gateway and its sandbox, from the lock file. Nothing runs as root, nothing is written outside /hub and /tmp.
FROM python:3.11.14-slim-bookworm AS build
ARG UV_VERSION=0.13.9
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/mash \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /src
RUN pip install --no-cache-dir --disable-pip-version-check "uv==${UV_VERSION}"
# The libraries change seldom: a layer of their own.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra fast --no-install-project
COPY schemas schemas
COPY crypto crypto
COPY adapters adapters
COPY routing routing
COPY gateway gateway
COPY sandbox sandbox
RUN uv sync --frozen --no-dev --extra fast --no-editable

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="mash-gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
# A new volume takes the owner of the folder that it covers.
RUN groupadd --system --gid 10001 mash \
    && useradd --system --uid 10001 --gid mash --home-dir /hub --shell /usr/sbin/nologin mash \
    && install --directory --owner=mash --group=mash --mode=0700 /hub \
    && install --directory --owner=mash --group=mash --mode=0755 /out /out/broker /out/postgres /out/sandbox
COPY --from=build /opt/mash /opt/mash
COPY --chmod=0555 deploy/gateway/first-start deploy/gateway/serve /opt/mash/bin/hub/
ENV PATH=/opt/mash/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MASH_CONFIG=/hub/hub.toml \
    MASH_HEALTH_URL=https://localhost:8443/healthz \
    MASH_HEALTH_CA=/hub/tls/ca.pem
USER 10001:10001
WORKDIR /hub
VOLUME /hub
EXPOSE 8443 2575
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import os, ssl, urllib.request as r; r.urlopen(os.environ['MASH_HEALTH_URL'], timeout=4, context=ssl.create_default_context(cafile=os.environ['MASH_HEALTH_CA']))"]
ENTRYPOINT ["mash"]
CMD ["serve"]
