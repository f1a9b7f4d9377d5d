import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { projectAround } from '../config/around.ts'
import { searchPath } from '../host/search-path.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The environment with a PATH that leads to no program of the project: neither of the folder around `cwd`, nor of the
 * one around the configuration `file`.
 */
export async function outsideProject(env: Env, cwd: string, file: string | undefined): Promise<Env> {
  if (env.PATH === undefined) return env
  const home = env.HOME ?? homedir()
  const places = [cwd, ...(file === undefined ? [] : [dirname(resolve(cwd, file))])]
  const projects = await Promise.all(places.map((place) => projectAround(place, home).catch(() => undefined)))
  return {
    ...env,
    PATH: await searchPath(
      env.PATH,
      projects.flatMap((project) => project ?? []),
    ),
  }
}
