import type { Recipe } from '../recipe.ts'
import { alpineTools } from './bases.ts'
import { imageRecipe } from './image-recipes.ts'
import { versions } from './versions.ts'

function node(version: string, npm: string, arch: string): Recipe {
  const major = version.split('.')[0]
  const suffixes = ['-alpine', '-slim', '']
  return imageRecipe({
    name: `node-${major}`,
    version,
    licences: ['MIT', 'Artistic-2.0', 'BSD-2-Clause'],
    provides: suffixes.map((suffix) => `node:${major}${suffix}`),
    family: { repositories: ['node'], version },
    standIn: `Node.js ${version} from npm on Debian 13 (glibc); apk installs packages of Debian`,
    needs: ['debian-trixie'],
    seconds: 25,
    image: {
      folder: 'images/node',
      copies: alpineTools,
      args: { NODE_VERSION: version, YARN_VERSION: versions.yarn },
      npm: {
        node: `node-linux-${arch}@${version}`,
        npm: `npm@${npm}`,
        corepack: `corepack@${versions.corepack}`,
        yarn: `yarn@${versions.yarn}`,
      },
    },
  })
}

function python(version: string, codename: string, provides: readonly string[], standIn: string): Recipe {
  return imageRecipe({
    name: `python-${version}`,
    version,
    licences: ['Python-2.0'],
    provides,
    family: { repositories: ['python'], version },
    standIn,
    needs: [`debian-${codename}`],
    seconds: 25,
    image: { folder: 'images/python', args: { CODENAME: codename }, copies: alpineTools },
  })
}

/**
 * Images with upstream names, built from Debian and npm packages, for machines without access to a container registry.
 */
export function standInRecipes(arch: string): readonly Recipe[] {
  return [
    node(versions.node20, versions.npmForNode20, arch),
    node(versions.node22, versions.npmForNode22, arch),
    python(
      '3.13',
      'trixie',
      ['python:3.12-slim', 'python:3.13-slim'],
      "Debian 13's Python 3.13, also under the name 3.12, which no Debian release has",
    ),
    python('3.11', 'bookworm', ['python:3.11-slim'], "Debian 12's Python 3.11"),
    imageRecipe({
      name: 'nginx',
      version: '1.26',
      licences: ['BSD-2-Clause'],
      provides: ['nginx:alpine', 'nginx:latest'],
      family: { repositories: ['nginx'], version: '1.26' },
      standIn: "Debian 13's nginx 1.26 (glibc); apk installs packages of Debian",
      needs: ['debian-trixie'],
      seconds: 15,
      image: { folder: 'images/nginx', copies: alpineTools },
    }),
    imageRecipe({
      name: 'busybox',
      version: '1.37',
      licences: ['GPL-2.0-only'],
      provides: ['busybox:1.37', 'busybox:latest'],
      family: { repositories: ['busybox'], version: '1.37' },
      standIn: "Debian 13's busybox 1.37, linked statically",
      needs: ['static'],
      seconds: 2,
      image: { folder: 'images/busybox' },
    }),
    imageRecipe({
      name: 'registry',
      version: versions.registry,
      licences: ['Apache-2.0'],
      provides: ['registry:3'],
      standIn: `distribution ${versions.registry} built from source, on Debian 13`,
      needs: ['debian-trixie'],
      seconds: 5,
      image: { folder: 'images/registry', copies: { 'registry-program': 'all' } },
    }),
  ]
}
