/** A name that a Service may have: `My_Service` becomes `my-service`, and `2048` becomes `app-2048`. Pure. */
export function kubeName(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const name = plain.slice(0, 50).replace(/^-+|-+$/g, '') || 'service'
  return /^\d/.test(name) ? `app-${name}` : name
}

/** A key of a ConfigMap for a file. Pure. */
export function keyName(path: string): string {
  return path.replaceAll('/', '_').replace(/[^\w.-]/g, '-')
}

/** Ports on which well-known images listen. */
const ports: Readonly<Record<string, number>> = {
  ...{ postgres: 5432, postgis: 5432, timescaledb: 5432, pgvector: 5432, mysql: 3306, mariadb: 3306, percona: 3306 },
  ...{ redis: 6379, valkey: 6379, keydb: 6379, memcached: 11211, mongo: 27017, mongodb: 27017, rabbitmq: 5672 },
  ...{ nats: 4222, elasticsearch: 9200, opensearch: 9200, minio: 9000, nginx: 80, httpd: 80, cassandra: 9042 },
  ...{ clickhouse: 8123, couchdb: 5984, influxdb: 8086, consul: 8500, vault: 8200, etcd: 2379, mailhog: 1025 },
  ...{ mailpit: 1025, localstack: 4566, zookeeper: 2181, kafka: 9092, neo4j: 7687, meilisearch: 7700 },
}

/** The port on which a well-known image listens. Pure. */
export function usualPort(image: string): number | undefined {
  const name = /([^/:@]+)(?:[:@].*)?$/.exec(image)?.[1] ?? ''
  return Object.hasOwn(ports, name) ? ports[name] : undefined
}
