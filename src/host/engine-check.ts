import { defaultSocket } from '../engine/endpoint.ts'
import { newEnough, oldestEngine } from './engine-fact.ts'
import type { EngineFact, HostFacts } from './facts.ts'
import type { Finding } from './finding.ts'

/** Checks whether a container engine is running that devk can use; if not, says why. Pure. */
export function engineCheck({ engine, platform, root }: Pick<HostFacts, 'engine' | 'platform' | 'root'>): Finding {
  const base = { id: 'engine', title: 'Docker engine' } as const
  const byDevk = platform === 'linux' && root
  switch (engine.state) {
    case 'running':
      return { ...base, ...running(engine) }
    case 'elsewhere':
      return {
        ...base,
        level: 'fail',
        detail: `nothing listens on ${defaultSocket}, but ${engine.program} listens on ${engine.socket}`,
        why: 'like docker, devk uses another engine only when DOCKER_HOST or the docker context names it',
        fix: { commands: [], by: 'hand', explain: `export DOCKER_HOST=unix://${engine.socket}` },
      }
    case 'denied':
      return {
        ...base,
        level: 'fail',
        detail: `this user has no permission to use ${engine.socket}`,
        why:
          engine.group === undefined
            ? 'only root has access to that socket'
            : `only root and members of the group ${engine.group} have access to that socket`,
        fix: { commands: [], by: 'hand', explain: admission(engine.group) },
      }
    case 'stuck':
      return {
        ...base,
        level: 'fail',
        detail: engine.reason,
        why: 'it may be paused, restarting or out of memory',
        fix: { commands: [], by: 'hand', explain: 'restart it when docker version gives no answer either' },
      }
    case 'remote':
      return {
        ...base,
        level: 'fail',
        detail: engine.reason,
        why: 'DOCKER_HOST or the current docker context points to it',
        fix: { commands: [], by: 'hand', explain: 'start that engine, or unset DOCKER_HOST' },
      }
    case 'silent':
      return silent(engine, byDevk)
  }
}

/** Whether devk works with an engine that answers. */
export function isUsable(engine: EngineFact): engine is EngineFact & { readonly state: 'running' } {
  return engine.state === 'running' && running(engine).level === 'ok'
}

function running(engine: EngineFact & { readonly state: 'running' }): Omit<Finding, 'id' | 'title'> {
  const { program, version, rootless, cgroupVersion, os, arch } = engine
  const byHand = (explain: string) => ({ commands: [], by: 'hand', explain }) as const
  if (program === 'Podman') {
    return {
      level: 'fail',
      detail: `Podman ${version} answers in place of Docker`,
      why: 'devk builds images with BuildKit, which the API of Podman does not have',
      fix: byHand(
        'start Docker Engine, Docker Desktop, Colima, OrbStack or Rancher Desktop, and let DOCKER_HOST name it',
      ),
    }
  }
  if (!newEnough(version)) {
    return {
      level: 'fail',
      detail: `${version} is too old`,
      why: `devk needs ${oldestEngine} or newer, for BuildKit and for nodes on hosts with restricted capabilities`,
      fix: byHand('upgrade Docker Engine, then restart it'),
    }
  }
  if (rootless && cgroupVersion === '1') {
    return {
      level: 'fail',
      detail: `${version} is rootless on control groups v1`,
      why: 'a rootless engine cannot limit CPU and memory of containers there, which cluster nodes need',
      fix: byHand('start the system with control groups v2, or use an engine that runs as root'),
    }
  }
  return { level: 'ok', detail: `${version}, ${os}/${arch}${rootless ? ', rootless' : ''}` }
}

function admission(group: string | undefined): string {
  if (group === undefined)
    return 'run devk as root, or use a rootless engine (docs.docker.com/engine/security/rootless)'
  return `sudo usermod -aG ${group} "$USER", then log in again (members of that group have the rights of root)`
}

function silent({ installed, podman }: EngineFact & { readonly state: 'silent' }, byDevk: boolean): Finding {
  const notPodman = podman === undefined ? '' : `; devk cannot use Podman, which listens on ${podman}`
  const why = `cluster nodes run as containers${notPodman}`
  const base = { id: 'engine', title: 'Docker engine', level: 'fail', why } as const
  if (installed === undefined || !newEnough(installed)) {
    return {
      ...base,
      detail:
        installed === undefined
          ? 'not installed'
          : `${installed} is installed, but devk needs ${oldestEngine} or newer`,
      fix: byDevk
        ? {
            commands: [],
            by: 'engine',
            explain: 'devk installs it from the package sources of this system and starts it',
          }
        : {
            commands: [],
            by: 'hand',
            explain: `install Docker Engine ${oldestEngine} or newer (docs.docker.com/engine/install)`,
          },
    }
  }
  return {
    ...base,
    detail: `${installed} is installed but not running`,
    fix: byDevk
      ? { commands: [], by: 'engine', explain: 'devk starts it' }
      : { commands: [], by: 'hand', explain: 'start it: sudo systemctl start docker, or open Docker Desktop' },
  }
}
