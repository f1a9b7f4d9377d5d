import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { versions } from '../../../src/kit/recipes/versions.ts'

const read = (file: string) => readFile(new URL(`../../../kit/maven/${file}`, import.meta.url), 'utf8')

const upstream = [
  ['kafka', `org.apache.kafka:kafka_2.13:${versions.kafka}`],
  ['zookeeper', `org.apache.zookeeper:zookeeper:${versions.zookeeper}`],
] as const

describe.each(upstream)('the packages of %s', (folder, main) => {
  test('contain the version of the image, and each has one SHA-256', async () => {
    const pom = await read(`${folder}/pom.xml`)
    const blocks = [...pom.matchAll(/<dependency>([\s\S]*?)(?:<exclusions>|<\/dependency>)/g)]
    const named = blocks.map(([, block = '']) =>
      ['groupId', 'artifactId', 'version'].map((tag) => new RegExp(`<${tag}>(.*)</${tag}>`).exec(block)?.[1]).join(':'),
    )
    expect(named).toContain(main)
    const lines = (await read(`${folder}/checksums.sha256`)).trimEnd().split('\n')
    expect(lines.filter((line) => !/^[0-9a-f]{64} {2}\S+\.(jar|pom)$/.test(line))).toEqual([])
    const paths = lines.map((line) => line.slice(66))
    expect(paths).toHaveLength(new Set(paths).size)
    const files = named.flatMap((name) => {
      const [group = '', artifact = '', version = ''] = name.split(':')
      const path = `${group.replaceAll('.', '/')}/${artifact}/${version}/${artifact}-${version}`
      return [`${path}.jar`, `${path}.pom`]
    })
    expect(paths).toEqual(expect.arrayContaining(files))
  })

  test('name no repository, so Maven takes them from its own or from that of its user', async () => {
    expect(await read(`${folder}/pom.xml`)).not.toMatch(/<(repositor|pluginRepositor)|https:/)
  })
})
