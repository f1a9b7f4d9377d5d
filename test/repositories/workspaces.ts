import { app, type Live, type Repository } from './repository.ts'

/** A repository of workspaces: the folder of a package has another name than the package. */
function workspaces(
  about: string,
  command: readonly string[],
  { start = 'node server.js', dev = '', root = '', copy = ['COPY . .'] }: Readonly<Record<string, string | string[]>>,
  live: Live,
): Repository {
  const lines = [...copy].join('\n')
  const scripts = { start, ...(dev === '' ? {} : { dev }) }
  return {
    about,
    files: {
      'web/Dockerfile': `FROM node:24\nWORKDIR /app\n${lines}\nCMD ${JSON.stringify(command)}\n`,
      'package.json': JSON.stringify({ private: true, scripts: root === '' ? {} : { shop: root } }),
      'pnpm-workspace.yaml': 'packages: [apps/*, "!apps/old"]\n',
      'apps/other/package.json': '{ "name": "@acme/other" }',
      'apps/shop/package.json': JSON.stringify({
        name: '@acme/storefront',
        scripts,
        devDependencies: { tsx: '4', next: '16' },
      }),
      'apps/shop/server.js': '',
      'k8s/web.yaml': app('web'),
    },
    live,
  }
}

const all = { sync: [{ from: '.', to: '/app', exclude: ['**/node_modules'] }], rebuild: ['package.json'] }
const restarted = { ...all, command: ['sh', '-c', "cd 'apps/shop' && exec node --watch server.js"] }
const next = { dev: 'next dev -p 3001' }

/** Packages of a workspace that pnpm, yarn and turbo start. */
export const workspaced: readonly Repository[] = [
  workspaces('pnpm --filter', ['pnpm', '--filter', '@acme/storefront', 'dev'], next, all),
  workspaces('pnpm --filter with a path', ['pnpm', '--filter', '{./apps/shop}', 'start'], {}, restarted),
  workspaces('yarn workspace', ['yarn', 'workspace', '@acme/storefront', 'start'], {}, restarted),
  workspaces('turbo with a filter', ['turbo', 'run', 'dev', '--filter=@acme/storefront...'], next, all),
  workspaces(
    'turbo that is installed in the repository: another script reloads',
    ['npx', 'turbo', 'start', '--filter', '@acme/storefront'],
    { start: 'node dist/server.js', dev: 'tsx watch server.ts' },
    { ...all, command: ['npx', 'turbo', 'run', 'dev', '--filter', '@acme/storefront'] },
  ),
  workspaces('a task of turbo', ['pnpm', 'exec', 'turbo', 'run', '@acme/storefront#start'], {}, restarted),
  workspaces(
    'a script at the root that starts that of a package',
    ['npm', 'run', 'shop'],
    { ...next, root: 'turbo run dev --filter=@acme/storefront' },
    all,
  ),
  workspaces(
    'packages that are copied one by one',
    ['pnpm', '--filter=@acme/storefront', 'start'],
    { copy: ['COPY package.json pnpm-workspace.yaml ./', 'COPY apps/shop ./apps/shop'] },
    {
      ...restarted,
      sync: [{ from: 'apps/shop', to: '/app/apps/shop', exclude: ['**/node_modules'] }],
      rebuild: ['apps/shop/package.json'],
    },
  ),
  workspaces('turbo without a filter, which starts all packages', ['turbo', 'run', 'dev'], next, {}),
  workspaces('a package that does not exist', ['pnpm', '--filter', '@acme/gone', 'dev'], next, {}),
  workspaces('scripts that start each other', ['npm', 'run', 'shop'], { root: 'npm run shop' }, {}),
]
