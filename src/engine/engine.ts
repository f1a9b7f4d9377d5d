import type { Engine, Networks, Volumes } from './api.ts'
import { type Client, engineClient } from './client.ts'
import { containerApi } from './containers.ts'
import type { Environment } from './endpoint.ts'
import { execApi } from './exec.ts'
import { imageStore } from './images.ts'

/** The Docker engine, and the client behind it for what needs the engine's API itself. */
export interface DockerEngine extends Engine {
  readonly client: Client
}

/** The engine that `env` (DOCKER_HOST, DOCKER_CONTEXT, HOME) points to. Loads and connects on the first call. */
export function dockerEngine(env: Environment): DockerEngine {
  const client = engineClient(env)
  return {
    client,
    images: imageStore(client),
    containers: containerApi(client),
    exec: execApi(client),
    networks: networkApi(client),
    volumes: volumeApi(client),
  }
}

function networkApi(client: Client): Networks {
  return {
    async list(labels, signal) {
      const found = await client.call(signal, (docker) => docker.listNetworks({ filters: { label: [...labels] } }))
      return found.map((network) => ({ name: network.Name, labels: network.Labels ?? {} }))
    },
    async exists(name, signal) {
      return (await client.find(signal, (docker) => docker.getNetwork(name).inspect())) !== undefined
    },
    connect: (network, container, signal) =>
      client.call(signal, async (docker) => {
        const { NetworkSettings } = await docker.getContainer(container).inspect()
        if (Object.hasOwn(NetworkSettings.Networks, network)) return
        await docker.getNetwork(network).connect({ Container: container })
      }),
    async disconnect(network, container, signal) {
      await client.find(signal, async (docker) => {
        const { NetworkSettings } = await docker.getContainer(container).inspect()
        if (!Object.hasOwn(NetworkSettings.Networks, network)) return
        await docker.getNetwork(network).disconnect({ Container: container, Force: true })
      })
    },
    async remove(name, signal) {
      await client.find(signal, (docker) => docker.getNetwork(name).remove())
    },
  }
}

function volumeApi(client: Client): Volumes {
  return {
    async list(labels, signal) {
      const found = await client.call(signal, (docker) => docker.listVolumes({ filters: { label: [...labels] } }))
      return (found.Volumes ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }))
    },
    async remove(name, signal) {
      await client.find(signal, (docker) => docker.getVolume(name).remove())
    },
  }
}
