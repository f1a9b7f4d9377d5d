import { downloadJars, mavenArgs, mavenImage } from '../maven.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { imageRecipe } from './image-recipes.ts'
import { versions } from './versions.ts'

const runtime = imageRecipe({
  name: 'image-jre',
  version: '21',
  licences: ['GPL-2.0-only'],
  internal: true,
  provides: ['kit/jre:21'],
  needs: ['debian-trixie'],
  seconds: 25,
  image: { folder: 'images/jre' },
})

const maven = imageRecipe({
  name: 'image-maven',
  version: '3.9',
  licences: ['Apache-2.0', 'GPL-2.0-only'],
  internal: true,
  provides: [mavenImage],
  needs: [runtime.name],
  seconds: 20,
  image: { folder: 'images/maven-download' },
})

function jars(name: string, version: string, licences: readonly string[]): Recipe {
  const folder = `maven/${name}`
  return recipe({
    name: `${name}-jars`,
    version,
    kind: 'tool',
    licences,
    internal: true,
    tools: [maven.name],
    files: [folder],
    inputs: { maven: mavenArgs.join(' ') },
    seconds: 25,
    build: (work) => downloadJars(work, folder),
  })
}

/** Kafka and ZooKeeper, from their packages for Maven, on Debian's OpenJDK. */
export const javaServiceRecipes: readonly Recipe[] = [
  runtime,
  maven,
  jars('kafka', versions.kafka, ['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause']),
  imageRecipe({
    name: 'kafka',
    version: versions.kafka,
    licences: ['GPL-2.0-only'],
    provides: [`apache/kafka:${versions.kafka}`],
    family: { repositories: ['apache/kafka', 'apache/kafka-native'], version: versions.kafka },
    standIn: `Kafka ${versions.kafka} with OpenJDK 21 (glibc), also under older names; no Connect, Streams, ZooKeeper`,
    onDemand: true,
    needs: [runtime.name],
    seconds: 10,
    image: { folder: 'images/kafka', copies: { 'kafka-jars': 'all' } },
  }),
  jars('zookeeper', versions.zookeeper, ['Apache-2.0', 'MIT', 'BSD-3-Clause', 'EPL-1.0', 'CDDL-1.1']),
  imageRecipe({
    name: 'zookeeper',
    version: versions.zookeeper,
    licences: ['GPL-2.0-only'],
    provides: [`zookeeper:${versions.zookeeper}`],
    family: { repositories: ['zookeeper'], version: versions.zookeeper },
    standIn: `ZooKeeper ${versions.zookeeper} with OpenJDK 21 (glibc), also under older names; no gosu, no extra tools`,
    onDemand: true,
    needs: [runtime.name],
    seconds: 15,
    image: {
      folder: 'images/zookeeper',
      args: { ZOOKEEPER_VERSION: versions.zookeeper },
      copies: { 'zookeeper-jars': 'all' },
    },
  }),
]
