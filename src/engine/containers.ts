import { DevkError } from '../errors.ts'
import { retried } from '../lib/retry.ts'
import type { ContainerInfo, ContainerSpec, Containers } from './api.ts'
import { type Client, type Docker, reasonOf, statusOf } from './client.ts'

/** Containers through the engine's API. */
export function containerApi(client: Client): Containers {
  const inspect: Containers['inspect'] = (name, signal) =>
    client.find(signal, async (docker) =>
      containerInfo(await docker.getContainer(name).inspect({ abortSignal: signal })),
    )
  return {
    inspect,
    async list(labels, signal) {
      const found = await client.call(signal, (docker) =>
        docker.listContainers({ all: true, filters: { label: [...labels] }, abortSignal: signal }),
      )
      const infos = await Promise.all(found.map(({ Id }) => inspect(Id, signal)))
      return infos.filter((info) => info !== undefined)
    },
    create: (spec, signal) =>
      client.call(signal, async (docker) => {
        try {
          const { id } = await docker.createContainer({ ...createOptions(spec), abortSignal: signal })
          await putPrograms(docker.getContainer(id), spec.programs ?? {}, signal)
          return id
        } catch (error) {
          if (statusOf(error) !== 404) throw error
          throw new DevkError('IMAGE_MISSING', `${spec.image} is not on the engine`, { cause: error })
        }
      }),
    start: (name, signal) =>
      client.call(signal, async (docker) => {
        const container = docker.getContainer(name)
        try {
          await container.start({ abortSignal: signal })
        } catch (error) {
          if (statusOf(error) === 304) return
          // The engine does not start what it only has to continue.
          if (statusOf(error) === 409 && (await container.inspect()).State.Paused)
            return container.unpause({ abortSignal: signal })
          throw statusOf(error) === 500 ? await startFailure(docker, name, error) : error
        }
      }),
    stop: (name, signal) =>
      client.call(signal, async (docker) => {
        try {
          await docker.getContainer(name).stop({ t: 2, abortSignal: signal })
        } catch (error) {
          if (statusOf(error) !== 304 && statusOf(error) !== 404) throw error
        }
      }),
    limit: (name, { cpu, memory }, signal) =>
      client.call(signal, async (docker) => {
        const quota = cpu === undefined ? {} : { NanoCpus: cpu * 1_000_000 }
        // The same value as Memory disables swap. Without it, the engine refuses a memory limit above an earlier
        // MemorySwap.
        const most = memory === undefined ? {} : { Memory: memory, MemorySwap: memory }
        await docker.getContainer(name).update({ ...quota, ...most, abortSignal: signal })
      }),
    async remove(name, signal) {
      const remove = () =>
        client.find(signal, (docker) => docker.getContainer(name).remove({ force: true, v: true, abortSignal: signal }))
      await retried(remove, { pausesMs: removePausesMs, mayPass: mayPassAgain, onPause: () => {}, signal })
    },
  }
}

/** Writes programs into a container that has not started. */
async function putPrograms(
  container: Docker.Container,
  programs: NonNullable<ContainerSpec['programs']>,
  signal: AbortSignal,
): Promise<void> {
  const all = Object.entries(programs)
  if (all.length === 0) return
  // Few commands create a container of this kind, and the library takes time to load.
  const { tarStream } = await import('../lib/streams/tar.ts')
  const tar = tarStream(async ({ bytes }) => {
    for (const [path, content] of all) await bytes({ name: path.slice(1), mode: 0o755, uid: 0, gid: 0 }, content)
  })
  await container.putArchive(tar, { path: '/', abortSignal: signal })
}

/** Milliseconds between attempts to remove a container. */
const removePausesMs = [200, 1000, 3000]

/**
 * An engine may not notice the end of a container that it kills ("did not receive an exit event": with cgroup v1, the
 * freezer of a container can win a race), or is removing the container already. It succeeds a moment later.
 */
function mayPassAgain(error: unknown): boolean {
  return [409, 500].includes(statusOf(error) ?? 0)
}

/**
 * The engine has one code, 500, for every failed start; only a published port that is in use can be fixed by the user.
 */
async function startFailure(docker: Docker, name: string, error: unknown): Promise<DevkError> {
  const info = containerInfo(await docker.getContainer(name).inspect())
  const wanted = info.ports.map((port) => port.hostPort).join(', ')
  const code =
    wanted !== '' && /port is already allocated|address already in use/.test(reasonOf(error))
      ? 'PORT_TAKEN'
      : 'COMMAND_FAILED'
  return new DevkError(code, `Container ${name} cannot be started: ${reasonOf(error)}`, { cause: error })
}

function createOptions(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const bindings = (spec.ports ?? []).map(({ container, hostPort }) => [
    container,
    [{ HostIp: '127.0.0.1', HostPort: String(hostPort) }],
  ])
  return {
    name: spec.name,
    Image: spec.image,
    Labels: { ...spec.labels },
    Env: Object.entries(spec.env ?? {}).map(([key, value]) => `${key}=${value}`),
    ExposedPorts: Object.fromEntries((spec.ports ?? []).map(({ container }) => [container, {}])),
    ...(spec.entrypoint === undefined ? {} : { Entrypoint: [...spec.entrypoint] }),
    ...(spec.command === undefined ? {} : { Cmd: [...spec.command] }),
    ...(spec.user === undefined ? {} : { User: spec.user }),
    HostConfig: {
      PortBindings: Object.fromEntries(bindings),
      Binds: (spec.binds ?? []).map(({ source, target }) => `${source}:${target}`),
      RestartPolicy: { Name: spec.restart ?? 'no' },
      ...(spec.network === undefined ? {} : { NetworkMode: spec.network }),
    },
  }
}

function containerInfo(info: Docker.ContainerInspectInfo): ContainerInfo {
  // A stopped container has no live ports; its host configuration has those that it will publish.
  const bindings: Record<string, { HostIp?: string; HostPort?: string }[] | null> = {
    ...(info.HostConfig.PortBindings as Record<string, { HostIp?: string; HostPort?: string }[]> | null),
    ...(info.NetworkSettings.Ports as Record<string, { HostIp: string; HostPort: string }[] | null>),
  }
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    image: info.Config.Image,
    state: info.State.Status,
    exitCode: info.State.Running ? undefined : info.State.ExitCode,
    startedAt: info.State.Running ? Date.parse(info.State.StartedAt) : undefined,
    labels: info.Config.Labels ?? {},
    ports: Object.entries(bindings).flatMap(([container, hosts]) =>
      (hosts ?? []).map((host) => ({ container, hostIp: host.HostIp ?? '', hostPort: Number(host.HostPort ?? 0) })),
    ),
    networks: Object.fromEntries(
      Object.entries(info.NetworkSettings.Networks ?? {}).map(([name, network]) => [name, network.IPAddress]),
    ),
    mounts: info.Mounts.map((mount) => ({
      type: mount.Type ?? 'bind',
      source: mount.Name ?? mount.Source,
      target: mount.Destination,
    })),
  }
}
