import http, { type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { newestReady } from '../kube/newest-ready.ts'
import type { Pod } from '../kube/pod.ts'
import { labels } from '../lib/keys.ts'
import { messageOf } from '../lib/text.ts'
import { abortable } from '../lib/wait.ts'

/** A preset that answers questions over HTTP. */
export interface Answering {
  readonly preset: string
  /** The port of its container. */
  readonly port: number
}

/** A stack that is up, and the connection to its cluster. */
export interface AskedStack {
  readonly record: { readonly name: string }
  readonly kube: Pick<Kube, 'list'>
  readonly streams: Pick<PodStreams, 'connect'>
}

/** How long a preset may take to answer, milliseconds. */
const patienceMs = 10_000
/** The longest answer that is read. A trace of 10,000 spans has about 10 MB. */
const longestAnswer = 32 * 1024 * 1024

/** Gives the JSON of the answer to a GET request; undefined if it answers 404. */
export type Ask = (path: string) => Promise<unknown>
/** The same for an answer with a value of JSON in each line: gives all values. */
export type AskLines = (path: string) => Promise<readonly unknown[]>
/** Sends a value as JSON in a POST request. */
export type Post = (path: string, value: unknown) => Promise<void>

/**
 * Finds a pod of a preset, which is then asked through the API server, as by a port-forward. This and each question
 * throw NOT_READY if no pod is ready or it does not answer, and KUBE_API.
 */
export async function askerOf(stack: AskedStack, of: Answering, signal: AbortSignal): Promise<Ask> {
  const exchange = await exchangerOf(stack, of, signal)
  return (path) => exchange({ path }, JSON.parse)
}

/** Finds a pod of a preset that answers in lines. This and each question throw the same; 404 is no line. */
export async function lineAskerOf(stack: AskedStack, of: Answering, signal: AbortSignal): Promise<AskLines> {
  const exchange = await exchangerOf(stack, of, signal)
  const lines = (text: string) => text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]))
  return async (path) => ((await exchange({ path }, lines)) ?? []) as unknown[]
}

/** Finds a pod of a preset, which then takes what is sent in the same way. This and each request throw the same. */
export async function posterOf(stack: AskedStack, of: Answering, signal: AbortSignal): Promise<Post> {
  const exchange = await exchangerOf(stack, of, signal)
  return async (path, value) => {
    const answer = await exchange({ path, body: JSON.stringify(value) }, String)
    if (answer === undefined) throw new DevkError('NOT_READY', `The preset ${of.preset} has no ${path}`)
  }
}

/** A GET request, or with a body in JSON a POST request. */
interface Question {
  readonly path: string
  readonly body?: string
}

/** Gives what is read from the text of the answer; undefined if it is 404. */
type Exchange = (question: Question, read: (text: string) => unknown) => Promise<unknown>

async function exchangerOf(
  { kube, streams, record }: AskedStack,
  { preset, port }: Answering,
  signal: AbortSignal,
): Promise<Exchange> {
  const inTime = async <T>(work: (late: AbortSignal) => Promise<T>): Promise<T> => {
    const late = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    try {
      return await abortable(work(late), late)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof DevkError) throw error
      const why = late.aborted ? `does not answer in ${patienceMs / 1000} s` : `cannot be asked: ${messageOf(error)}`
      throw new DevkError('NOT_READY', `The preset ${preset} ${why}`, { cause: error })
    }
  }
  const own = `${labels.project}=${record.name},${labels.preset}=${preset}`
  const pods = await inTime((late) => kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: own, signal: late }))
  const pod = newestReady((pods as Pod[]).filter((each) => declares(each, port)))
  if (pod === undefined) throw new DevkError('NOT_READY', `No pod of the preset ${preset} is ready`)
  const { name, namespace = 'default' } = pod.metadata
  return (question, read) =>
    inTime(async (late) => {
      const text = await exchanged(await streams.connect({ namespace, name }, port, late), question, late)
      return text === undefined ? undefined : read(text)
    })
}

function declares({ spec }: Pod, port: number): boolean {
  const ports = (spec?.containers ?? []).flatMap((container) => (container.ports ?? []) as { containerPort?: number }[])
  return ports.some(({ containerPort }) => containerPort === port)
}

/** One request over an open connection, which ends with it. */
async function exchanged(
  connection: Duplex,
  { path, body }: Question,
  signal: AbortSignal,
): Promise<string | undefined> {
  const end = () => connection.destroy()
  // The request below reports errors. Without a listener one that comes later would end the process.
  connection.on('error', () => {})
  signal.addEventListener('abort', end, { once: true })
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const own = { Host: 'localhost', Connection: 'close', Accept: 'application/json' }
      const length = Buffer.byteLength(body ?? '')
      const headers =
        body === undefined ? own : { ...own, 'Content-Type': 'application/json', 'Content-Length': length }
      const method = body === undefined ? 'GET' : 'POST'
      // Without an agent, a request needs of its connection only what each duplex has.
      const createConnection = () => connection as Socket
      http.request({ method, path, headers, signal, createConnection }, resolve).on('error', reject).end(body)
    })
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > longestAnswer) throw new Error(`its answer is longer than ${longestAnswer / 1024 / 1024} MiB`)
      chunks.push(chunk)
    }
    const text = Buffer.concat(chunks).toString('utf8')
    if (response.statusCode === 404) return undefined
    if (response.statusCode !== 200) throw new Error(`it answers ${response.statusCode}: ${text.slice(0, 300)}`)
    return text
  } finally {
    signal.removeEventListener('abort', end)
    connection.destroy()
  }
}
