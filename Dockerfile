# One image for every part: `diemcau serve` runs all of it, `diemcau signaling` and `diemcau node` the halves.
FROM node:20-bookworm-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 diemcau && install -d -o diemcau /data
WORKDIR /app
COPY pyproject.toml setup.py constraints.txt README.md ./
COPY bridge bridge
COPY signaling signaling
COPY sfu sfu
COPY config config
COPY cli cli
COPY demo demo
COPY rehearsal rehearsal
COPY recorder recorder
COPY stills stills
# The compiler is there for the native core (sfu/_native) and goes again; libcrypto itself came with Python.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libssl-dev \
    && PIP_CONSTRAINT=/app/constraints.txt pip install --no-cache-dir --editable . \
    && apt-get purge -y --auto-remove gcc libc6-dev libssl-dev && rm -rf /var/lib/apt/lists/*
COPY --from=pages /app/node_modules node_modules
USER diemcau
ENV DIEMCAU_DATA_DIR=/data \
    DIEMCAU_HTTP__HOST=0.0.0.0 \
    DIEMCAU_MEDIA__HOST=0.0.0.0
VOLUME /data
EXPOSE 8080/tcp 10000/udp 10000/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
ENTRYPOINT ["diemcau"]
CMD ["serve"]
