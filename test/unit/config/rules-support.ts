import { checkConfig } from '../../../src/config/check.ts'
import type { Disk } from '../../../src/config/context.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import type { DevkError } from '../../../src/errors.ts'
import { problems } from './support.ts'

/** The files of the project, and its folders without a text. */
export const files: Record<string, string | undefined> = {
  '/p/api/Dockerfile': '',
  '/p/api/src': undefined,
  '/p/.env': 'TOKEN=1\nDATABASE_URL=x\n',
}
const disk: Disk = {
  kind: (path) => {
    if (path in files) return files[path] === undefined ? 'folder' : 'file'
    return Object.keys(files).some((file) => file.startsWith(`${path}/`)) ? 'folder' : undefined
  },
  read: (path) => files[path] ?? '',
  list: () => [],
  matches: (pattern) => pattern === '/p/k8s/*.yaml',
}

/** The problems of a configuration for these files. */
export function check(config: Omit<ConfigInput, 'name'>): string[] {
  const map = { find: () => undefined, duplicates: [] }
  try {
    checkConfig(
      { name: 'p', ...config },
      { file: '/p/c.ts', shown: 'c.ts', map, profile: undefined, env: {}, presets: undefined, disk },
    )
    return []
  } catch (error) {
    return problems(error as DevkError)
  }
}
