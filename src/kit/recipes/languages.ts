import type { Recipe } from '../recipe.ts'
import { alpineTools, debianLicences } from './bases.ts'
import { imageRecipe } from './image-recipes.ts'

type Image = Pick<Recipe, 'name' | 'version' | 'licences' | 'standIn' | 'seconds' | 'family'> & {
  readonly provides: string
  readonly codename?: string
  readonly args?: Readonly<Record<string, string>>
  readonly folder?: string
}

/** An image that is built when something names it, on a release of Debian, with `apk`. */
function onDebian({ codename = 'trixie', args = {}, folder, provides, ...rest }: Image): Recipe {
  return imageRecipe({
    ...rest,
    provides: [provides],
    onDemand: true,
    needs: [`debian-${codename}`],
    image: {
      folder: `images/${folder ?? rest.name}`,
      args: { CODENAME: codename, ...args },
      copies: alpineTools,
    },
  })
}

const java = (version: string, codename: string): Recipe[] => [
  onDebian({
    name: `java-${version}`,
    version,
    licences: ['GPL-2.0-only'],
    provides: `eclipse-temurin:${version}`,
    family: { repositories: ['eclipse-temurin', 'openjdk', 'amazoncorretto', 'ibm-semeru-runtimes'], version },
    standIn: `OpenJDK ${version} of Debian (glibc), a JDK also where the upstream image has only the runtime`,
    codename,
    folder: 'java',
    args: { JAVA_VERSION: version },
    seconds: 40,
  }),
  onDebian({
    name: `maven-java-${version}`,
    version: '3',
    licences: ['Apache-2.0', 'GPL-2.0-only'],
    provides: `maven:3-eclipse-temurin-${version}`,
    family: { repositories: ['maven'], version: '3', tags: version === '17' ? /-(8|11|16|17)\b/ : undefined },
    standIn: `Debian's Maven with OpenJDK ${version} (glibc)`,
    codename,
    folder: 'maven',
    args: { JAVA_VERSION: version },
    seconds: 50,
  }),
]

const ruby = (version: string, codename: string): Recipe =>
  onDebian({
    name: `ruby-${version}`,
    version,
    licences: ['Ruby', 'BSD-2-Clause'],
    provides: `ruby:${version}`,
    family: { repositories: ['ruby'], version },
    standIn: `Debian's Ruby ${version} with a C compiler (glibc)`,
    codename,
    folder: 'ruby',
    seconds: 50,
  })

const php = (version: string, codename: string): Recipe[] =>
  ['cli', 'apache', 'fpm'].map((variant) =>
    onDebian({
      name: `php-${version}-${variant}`,
      version,
      licences: ['PHP-3.01', 'Apache-2.0'],
      provides: `php:${version}-${variant}`,
      family: { repositories: ['php'], version, tags: variant === 'cli' ? undefined : new RegExp(`-${variant}\\b`) },
      standIn: `Debian's PHP ${version} (glibc); docker-php-ext-install installs packages of Debian`,
      codename,
      folder: 'php',
      args: { VARIANT: variant },
      seconds: 30,
    }),
  )

const debian = (version: string, codename: string, tags?: RegExp): Recipe =>
  onDebian({
    name: `debian-${version}`,
    version,
    licences: debianLicences,
    provides: `debian:${codename}`,
    family: { repositories: ['debian', 'ubuntu'], version, tags },
    standIn: `Debian ${version}, also under the names of Ubuntu`,
    codename,
    folder: 'debian',
    seconds: 3,
  })

/** Languages, base systems and servers with upstream names, made from Debian when something names them. */
export const languageRecipes: readonly Recipe[] = [
  debian('12', 'bookworm', /bookworm|^12\b|jammy|^22\./),
  debian('13', 'trixie'),
  onDebian({
    name: 'alpine',
    version: '3',
    licences: debianLicences,
    provides: 'alpine:latest',
    family: { repositories: ['alpine'], version: '3' },
    standIn: 'Debian 13 (glibc); `apk add` installs packages of Debian',
    seconds: 3,
  }),
  onDebian({
    name: 'golang',
    version: '1.24',
    licences: ['BSD-3-Clause'],
    provides: 'golang:1.24',
    family: { repositories: ['golang'], version: '1.24' },
    standIn: "Debian 13's Go 1.24 (glibc), which fetches a newer Go when go.mod asks for one",
    args: { GO_VERSION: '1.24' },
    seconds: 60,
  }),
  ...java('17', 'bookworm'),
  ...java('21', 'trixie'),
  ruby('3.1', 'bookworm'),
  ruby('3.3', 'trixie'),
  ...php('8.2', 'bookworm'),
  ...php('8.4', 'trixie'),
  onDebian({
    name: 'rust',
    version: '1.85',
    licences: ['MIT', 'Apache-2.0'],
    provides: 'rust:1.85',
    family: { repositories: ['rust'], version: '1.85' },
    standIn: "Debian 13's Rust 1.85 (glibc), without rustup",
    seconds: 90,
  }),
  onDebian({
    name: 'mariadb',
    version: '10.11',
    licences: ['GPL-2.0-only'],
    provides: 'mariadb:10.11',
    family: { repositories: ['mariadb', 'mysql'], version: '10.11' },
    standIn: "Debian 12's MariaDB 10.11, also under the names of MySQL",
    codename: 'bookworm',
    seconds: 40,
  }),
  onDebian({
    name: 'memcached',
    version: '1.6',
    licences: ['BSD-3-Clause'],
    provides: 'memcached:1.6',
    family: { repositories: ['memcached'], version: '1.6' },
    standIn: "Debian 13's memcached 1.6 (glibc)",
    seconds: 10,
  }),
  onDebian({
    name: 'nats',
    version: '2.10',
    licences: ['Apache-2.0'],
    provides: 'nats:2.10',
    family: { repositories: ['nats'], version: '2.10' },
    standIn: "Debian 13's NATS server 2.10 (glibc)",
    seconds: 10,
  }),
  onDebian({
    name: 'httpd',
    version: '2.4',
    licences: ['Apache-2.0'],
    provides: 'httpd:2.4',
    family: { repositories: ['httpd'], version: '2.4' },
    standIn: "Debian 13's Apache 2.4 (glibc)",
    seconds: 15,
  }),
]
