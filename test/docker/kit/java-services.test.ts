/**
 * Kafka and ZooKeeper, and how their packages are verified. In the long runs, because it builds them anew.
 * @module-tag long
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { kitCache } from '../../../src/kit/cache.ts'
import { buildKit } from '../../../src/kit/kit.ts'
import { downloadJars } from '../../../src/kit/maven.ts'
import { catalogue } from '../../../src/kit/recipes/catalogue.ts'
import { openWorkshop } from '../../../src/kit/workshop.ts'
import { eventually } from '../../e2e/support/eventually.ts'
import { docker } from '../../support/docker.ts'
import { kitWithEmptyCache, runner, temporaryKit } from './temporary-kit.ts'

/** Tags that no recipe has. */
const kafka = 'apache/kafka:3.9.1'
const zookeeper = 'zookeeper:3.8'
const network = `devk-kit-test-java-${process.pid}`
const started: string[] = []
let kitDir = ''

beforeAll(async () => {
  const { deps, remove } = await kitWithEmptyCache()
  kitDir = deps.kitDir
  await buildKit(deps, { only: [kafka, zookeeper], signal: AbortSignal.timeout(290_000) }).finally(remove)
  await docker('network', 'create', network)
})
afterEach(async () => {
  for (const name of started.splice(0)) await runner.run('docker', ['rm', '-f', '-v', name])
})
afterAll(async () => {
  await runner.run('docker', ['network', 'rm', network])
  for (const name of [kafka, zookeeper]) await runner.run('docker', ['rmi', name])
})

/** Starts a container with this name in the network; it is removed after the test. Gives a function that runs a script in it. */
async function start(name: string, ...args: string[]) {
  const id = await docker('run', '-d', '--network', network, '--network-alias', name, '--hostname', name, ...args)
  started.push(id)
  return (script: string) => runner.run('docker', ['exec', id, 'bash', '-c', script])
}

/** Runs a script in another container of the network. */
const elsewhere = (image: string, script: string) =>
  runner.run('docker', ['run', '--rm', '--network', network, '--entrypoint', 'bash', image, '-c', script])

const consume = '/opt/kafka/bin/kafka-console-consumer.sh --from-beginning --max-messages 1 --timeout-ms 60000'

test('a Kafka without variables is one node; it keeps its messages when it starts again', async () => {
  const inBroker = await start('broker', kafka)
  const server = '--bootstrap-server localhost:9092'
  await eventually('the broker', 90, async () => {
    const { exitCode } = await inBroker(`/opt/kafka/bin/kafka-topics.sh ${server} --create --topic t --partitions 2`)
    return exitCode === 0 || undefined
  })
  await inBroker(`echo a message | /opt/kafka/bin/kafka-console-producer.sh ${server} --topic t`)
  await docker('restart', started[0] ?? '')
  const message = await eventually('the message', 90, async () => {
    const { stdout } = await inBroker(`${consume} ${server} --topic t`)
    return stdout.trim() || undefined
  })
  expect(message).toBe('a message')
  expect((await inBroker('stat -c %U /proc/1; cat /proc/1/comm')).stdout.split('\n')).toEqual(['appuser', 'java'])
  const { stdout } = await inBroker(`/opt/kafka/bin/kafka-broker-api-versions.sh ${server}`)
  expect(stdout).toMatch(/^localhost:9092 \(id: 1 /)
})

test('variables become properties, and clients reach the advertised address over the network', async () => {
  const variables = {
    KAFKA_NODE_ID: '7',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: 'INSIDE://:19092,OUTSIDE://:9092,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: 'INSIDE://queue:19092,OUTSIDE://localhost:9092',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '7@queue:9093',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_NUM_PARTITIONS: '5',
    CLUSTER_ID: '4L6g3nShT-eMCtK--X86sw',
  }
  const inBroker = await start(
    'queue',
    ...Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    kafka,
  )
  const server = '--bootstrap-server queue:19092'
  await eventually('the message is sent', 90, async () => {
    const send = `set -o pipefail; echo from elsewhere | /opt/kafka/bin/kafka-console-producer.sh ${server} --topic made`
    const topics = await inBroker(`/opt/kafka/bin/kafka-topics.sh ${server} --list`)
    return (topics.exitCode === 0 && (await elsewhere(kafka, send)).exitCode === 0) || undefined
  })
  expect((await elsewhere(kafka, `${consume} ${server} --topic made`)).stdout.trim()).toBe('from elsewhere')
  const asked = await inBroker(
    `/opt/kafka/bin/kafka-topics.sh ${server} --describe --topic made; /opt/kafka/bin/kafka-cluster.sh cluster-id ${server}`,
  )
  expect(asked.stdout).toMatch(/PartitionCount: 5[\s\S]*Leader: 7[\s\S]*Cluster ID: 4L6g3nShT-eMCtK--X86sw/)
})

test('each command of Kafka starts', async () => {
  const script =
    'for f in $(ls /opt/kafka/bin/*.sh | grep -vE "run-class|server-start"); do "$f" --help 2>&1; done | grep -E "ClassNotFound|NoClassDef|main class"'
  const { exitCode, stdout } = await elsewhere(kafka, script)
  expect([exitCode, stdout]).toEqual([1, ''])
})

test('ZooKeeper answers over the network, and makes its configuration from variables', async () => {
  const inServer = await start(
    'tree',
    '-e',
    'ZOO_4LW_COMMANDS_WHITELIST=ruok,conf',
    '-e',
    'ZOO_TICK_TIME=1500',
    zookeeper,
  )
  const answer = await eventually('the server', 60, async () => {
    const { stdout } = await elsewhere(zookeeper, 'echo ruok | nc tree 2181')
    return stdout.trim() || undefined
  })
  expect(answer).toBe('imok')
  expect((await elsewhere(zookeeper, 'echo conf | nc tree 2181')).stdout).toContain('tickTime=1500')
  const made = await elsewhere(zookeeper, 'zkCli.sh -server tree:2181 create /node "a value"')
  expect(made.stderr + made.stdout).toContain('Created /node')
  const got = await elsewhere(zookeeper, 'zkCli.sh -server tree:2181 get /node')
  expect(got.stdout.split('\n')).toContain('a value')
  expect((await inServer('zkServer.sh status; stat -c %U /proc/1')).stdout.split('\n')).toEqual([
    'Mode: standalone',
    'zookeeper',
  ])
})

/** Downloads the packages of ZooKeeper with a changed list of SHA-256. Gives the names of the files, or the error. */
async function downloadWith(change: (list: string) => string): Promise<string[]> {
  const { deps: changed, remove } = await temporaryKit('FROM scratch\n')
  onTestFinished(remove)
  await cp(join(kitDir, 'maven/zookeeper'), join(changed.kitDir, 'maven/zookeeper'), { recursive: true })
  const list = join(changed.kitDir, 'maven/zookeeper/checksums.sha256')
  await writeFile(list, change(await readFile(list, 'utf8')))
  const recipe = catalogue(process.arch, true).find(({ name }) => name === 'zookeeper-jars')
  if (recipe === undefined) throw new Error('the catalogue has no recipe for the packages of ZooKeeper')
  const build = { deps: changed, cache: kitCache(changed.cacheDir), keys: new Map([[recipe.name, `t${process.pid}`]]) }
  const work = await openWorkshop(build, recipe, () => {}, AbortSignal.timeout(100_000))
  await downloadJars(work, 'maven/zookeeper')
  return readdir(work.out)
}

test.each([
  ['a package has another content', /^[0-9a-f]{64}(?= {2}\S*\/zookeeper-3[^/]*\.jar$)/m, '0'.repeat(64)],
  ['a package is not in the list', /^.*\/jline-3[^/]*\.jar\n/m, ''],
  ["a part of Maven's plugin is not in the list", /^.*\/maven-dependency-plugin-[^/]*\.jar\n/m, ''],
])('nothing is taken over when %s', async (_title, line, instead) => {
  const change = (list: string) => {
    expect(list).toMatch(line)
    return list.replace(line, instead)
  }
  await expect(downloadWith(change)).rejects.toMatchObject({
    code: 'KIT_FAILED',
    details: expect.arrayContaining([expect.stringMatching(/trusted checksum/i)]),
  })
})

test('Maven reads the settings of the user, and a package that it cannot download is reported as such', async () => {
  const home = await mkdtemp(join(tmpdir(), 'devk-home-'))
  onTestFinished(() => rm(home, { recursive: true }))
  await mkdir(join(home, '.m2'))
  // Nothing listens there.
  const mirror = '<mirror><id>none</id><mirrorOf>*</mirrorOf><url>https://127.0.0.1:9/</url></mirror>'
  await writeFile(join(home, '.m2/settings.xml'), `<settings><mirrors>${mirror}</mirrors></settings>`)
  vi.stubEnv('HOME', home)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  await expect(downloadWith((list) => list)).rejects.toThrow('Maven cannot download a package')
})
