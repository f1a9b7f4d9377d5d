import { imageName } from '../../lib/image-reference.ts'
import { oneOf } from '../../lib/one-of.ts'

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/** Names of images that Docker Hub publishes without an organisation, and of frequent programs. */
const programs = set(
  `adminer alertmanager alpine amazonlinux apache arangodb archlinux bash busybox caddy cassandra centos clickhouse
  cockroach composer consul couchbase couchdb curl debian docker dgraph eclipse-mosquitto eclipse-temurin elasticsearch
  envoy etcd fedora fluent-bit fluentd gcc ghost gitea golang grafana gradle haproxy httpbin httpd influxdb jaeger
  jenkins joomla k6 kafka keycloak kibana kong localstack logstash loki mailhog mailpit mariadb maven memcached minio
  mongo mongo-express mongodb mosquitto mysql nats neo4j nextcloud nginx nginx-unprivileged node openjdk opensearch
  openresty oauth2-proxy otel-collector percona perl php phpmyadmin postgis postgres postgresql prometheus pulsar python
  rabbitmq redis redis-commander redpanda registry rethinkdb ruby rust scylla solr sonarqube statsd swarm tempo
  timescaledb tomcat traefik ubuntu valkey varnish vault victoria-logs wordpress zipkin zookeeper pause etcd coredns`,
)

/** Organisations and registries that publish images for everybody. */
const publishers = set(
  `bitnami bitnamilegacy bitnamicharts grafana prom prometheus prometheuscommunity hashicorp confluentinc elastic
  jaegertracing otel opentelemetry apache amazon minio traefik envoyproxy fluent timescale postgis rancher datadog
  newrelic library docker moby nginxinc percona redislabs redis valkey rabbitmq mongodb oliver006 kong clickhouse
  cockroachdb openzipkin opensearchproject oryd dpage edoburu pgbouncer axllent mailhog localstack ealen curlimages
  dapr daprio linkerd cilium calico argoproj argoprojlabs fluxcd jetstack cert-manager kedacore external-dns
  sonatype jenkins victoriametrics nats-io natsio nuclio zalando crunchydata strimzi scylladb redpandadata selenium`,
)
const registries = oneOf(
  `registry.k8s.io k8s.gcr.io docker.elastic.co mcr.microsoft.com docker.redpanda.com nvcr.io
  quay.io`,
)

/**
 * Whether somebody else publishes an image, so that devk must not replace it by one that it builds.
 * `ghcr.io/acme/redis` is acme's own. Pure.
 */
export function isPublished(reference: string): boolean {
  const { registry, path } = imageName(reference)
  const parts = path.split('/')
  const last = parts.at(-1)?.toLowerCase() ?? ''
  if (parts.length === 1 && registry === '') return programs.has(last)
  const [org = ''] = parts
  if (parts.length > 1 && publishers.has(org.toLowerCase())) return true
  if (
    /^(gcr\.io)$/.test(registry) &&
    /^(distroless|google-containers|google-samples|cloudsql-docker|cadvisor)$/.test(org)
  )
    return true
  return registries.test(registry) && programs.has(last)
}
