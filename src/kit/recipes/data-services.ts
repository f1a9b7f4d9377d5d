import type { Recipe } from '../recipe.ts'
import { goBuild, goRecipe } from './go-recipes.ts'
import { imageRecipe } from './image-recipes.ts'
import { versions } from './versions.ts'

/** References of an image with these tags, and with `-alpine` after each tag. */
function withAlpine(name: string, tags: readonly string[]): string[] {
  return tags.flatMap((tag) => [`${name}:${tag}`, `${name}:${tag}-alpine`])
}

function postgres(major: string, codename: string, tags: readonly string[], standIn: string): Recipe {
  return imageRecipe({
    name: major === '17' ? 'postgres' : `postgres-${major}`,
    version: major,
    licences: ['PostgreSQL'],
    provides: withAlpine('postgres', tags),
    family: { repositories: ['postgres'], version: major },
    standIn: `${standIn} (glibc); there is no apk, use apt-get`,
    needs: [`debian-${codename}`],
    onDemand: major !== '17',
    seconds: 35,
    image: { folder: 'images/postgres', args: { CODENAME: codename, PG_MAJOR: major } },
  })
}

function rabbitmq(version: string, codename: string, tags: readonly string[], standIn: string): Recipe {
  return imageRecipe({
    name: `rabbitmq-${version.split('.')[0]}`,
    version,
    licences: ['MPL-2.0', 'Apache-2.0'],
    provides: withAlpine('rabbitmq', tags),
    family: { repositories: ['rabbitmq'], version },
    standIn: `${standIn} with the management plugin (glibc)`,
    needs: [`debian-${codename}`],
    onDemand: true,
    seconds: 45,
    image: { folder: 'images/rabbitmq', args: { CODENAME: codename } },
  })
}

/** Databases, message brokers and Consul, with upstream names, for machines without access to a container registry. */
export const dataServiceRecipes: readonly Recipe[] = [
  postgres(
    '17',
    'trixie',
    ['16', '17'],
    "Debian 13's PostgreSQL 17, also under the name 16, which no Debian release has",
  ),
  postgres('15', 'bookworm', ['15'], "Debian 12's PostgreSQL 15"),
  imageRecipe({
    name: 'redis',
    version: '7.0',
    licences: ['BSD-3-Clause'],
    provides: withAlpine('redis', ['7', '7.2', '7.4']),
    family: { repositories: ['redis'], version: '7.0' },
    standIn: "Debian 12's Redis 7.0 (glibc), also under the names 7.2 and 7.4; there is no apk, use apt-get",
    needs: ['debian-bookworm'],
    seconds: 15,
    image: { folder: 'images/redis' },
  }),
  rabbitmq(
    '3.10',
    'bookworm',
    ['3', '3-management', '3.12-management', '3.13-management'],
    "Debian 12's RabbitMQ 3.10, also under the names 3.12 and 3.13,",
  ),
  rabbitmq(
    '4.0',
    'trixie',
    ['4', '4-management', '4.0-management', '4.1-management', '4.2-management'],
    "Debian 13's RabbitMQ 4.0, also under the names 4.1 and 4.2,",
  ),
  goRecipe({
    name: 'consul-program',
    version: versions.consul,
    licences: ['MPL-2.0'],
    seconds: 720,
    builds: [goBuild('github.com/hashicorp/consul', versions.consul, { consul: '' })],
  }),
  imageRecipe({
    name: 'consul',
    version: versions.consul,
    licences: ['MPL-2.0'],
    provides: ['1.20', '1.19', '1.18', '1.17', '1.16', '1.15'].flatMap((tag) => [
      `hashicorp/consul:${tag}`,
      `consul:${tag}`,
    ]),
    standIn: `Consul ${versions.consul} built from source, on Debian 13, also under the names of newer versions`,
    onDemand: true,
    seconds: 15,
    needs: ['debian-trixie'],
    image: { folder: 'images/consul', copies: { 'consul-program': 'all' } },
  }),
]
