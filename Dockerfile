# The service in an image of its own, with TLS to PostgreSQL (the feature pg-tls).
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --features pg-tls

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/lianxi lianxi
COPY --from=build /src/target/release/lianxi /usr/local/bin/lianxi
USER lianxi
WORKDIR /var/lib/lianxi
ENV LIANXI_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["lianxi"]
CMD ["serve"]
