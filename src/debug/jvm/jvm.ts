import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenImage } from '../../engine/open-image.ts'
import { DevkError } from '../../errors.ts'
import type { PodRef } from '../../kube/api.ts'
import { untilFound } from '../../lib/wait.ts'
import { commandOf } from '../../manifests/supervised.ts'
import { type Container, podTemplate } from '../../manifests/workload.ts'
import type { Debugger, Opened } from '../debugger.ts'
import { isHeld } from '../hold.ts'
import { prependVariable } from '../variables.ts'
import { jvmVersion } from './jdwp.ts'

/** The port of the JVM's debugger in the pod, which is also the one that editors expect. */
const jvmPort = 5005
/** What `runsJvm` looks for, for messages. */
export const jvmSought =
  'Java: the program java in the command, or JAVA_HOME in the image on the engine of this machine'

const variable = 'JAVA_TOOL_OPTIONS'
/** Each JVM reads these options: https://docs.oracle.com/en/java/javase/21/docs/specs/jvmti.html#tooloptions */
const options = `-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:${jvmPort}`
const patience = { timeoutMs: 120_000, intervalMs: 500 }

/** Whether a container of an image runs a JVM: its command says so, or else the variables of the image. Pure. */
export function runsJvm(
  { entrypoint, command, env }: Pick<OpenImage, 'entrypoint' | 'command' | 'env'>,
  container: Pick<Container, 'command' | 'args'>,
): boolean {
  const words = commandOf(container, { entry: entrypoint, args: command })
  return words.some((word) => /(^|\/|\s)java(\s|$)/.test(word)) || env.JAVA_HOME !== undefined
}

/**
 * Debugs a program of the JVM: a variable makes each JVM of the container open its own debugger. `image`: the variables
 * of the image. `connect` leads to a port of a pod.
 */
export function jvmDebugger(
  { env }: Pick<OpenImage, 'env'>,
  connect: (pod: PodRef, port: number, signal: AbortSignal) => Promise<Duplex>,
): Debugger {
  let opened: (Opened & { readonly pod: string }) | undefined
  return {
    runtime: 'jvm',
    defaultPort: jvmPort,
    why: 'with the debugger of the JVM, and without the probes that would restart a stopped program',
    isPrepared(workload, container) {
      const main = podTemplate(workload)?.spec.containers.find(({ name }) => name === container)
      const set = main?.env?.find(({ name }) => name === variable)?.value ?? ''
      return isHeld(workload, container) && set.includes(options)
    },
    prepare({ spec }, container) {
      const main = spec.containers.find(({ name }) => name === container)
      if (main !== undefined) prependVariable(main, { variable, value: options, between: ' ', ofImage: env[variable] })
    },
    async open(_run, { pod, container }, signal) {
      // It serves one connection at a time: another look would take the place of the editor.
      if (pod.name === opened?.pod) return opened
      const look = async () => {
        const jvm = await connect(pod, jvmPort, signal).then(
          (stream) => jvmVersion(stream, signal),
          () => undefined,
        )
        signal.throwIfAborted()
        return jvm
      }
      const late = () =>
        new DevkError('DEBUG_UNAVAILABLE', `The JVM of container ${container} does not open its debugger`, {
          hint: 'devk logs may show why. The image needs the module jdk.jdwp.agent, which jlink leaves out.',
        })
      const { version, name } = await untilFound(look, { ...patience, late, signal })
      // It listens again when it has noticed the end of this connection.
      await sleep(patience.intervalMs, undefined, { signal })
      opened = { port: jvmPort, own: false, cwd: '', text: `Java ${version}, ${name}`, pod: pod.name }
      return opened
    },
    // It ends with the pods of the session.
    close: async () => {},
  }
}
