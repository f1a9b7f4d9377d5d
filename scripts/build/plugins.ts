import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/** From a chunk of the program to the bundle of `engineParts`. */
export const enginePartsPath = '../engine/parts.cjs'

/**
 * dockerode's parts for ssh, build sessions and their progress are a bundle of their own, loaded when they are called: they bring
 * ssh2, grpc-js and protobufjs, a tenth of a second of each start.
 */
export const engineParts: Plugin = {
  name: 'engine-parts',
  setup(build) {
    build.onResolve({ filter: /^\.\/(buildkit|session|ssh)$/ }, ({ path, importer }) =>
      /node_modules\/docker(ode|-modem)\/lib\//.test(importer)
        ? { path: path.slice(2), namespace: 'engine-part' }
        : undefined,
    )
    build.onResolve({ filter: /./, namespace: 'engine-part' }, ({ path }) => ({ path, external: true }))
    build.onLoad({ filter: /./, namespace: 'engine-part' }, ({ path }) => ({
      contents: `
        const load = () => require('${enginePartsPath}').${path}()
        module.exports = new Proxy(() => {}, {
          apply: (_target, _self, args) => load()(...args),
          get: (_target, name) => load()[name],
        })`,
    }))
  },
}

/** An `import` of node:http reads all that it exports, which loads Node's whole fetch and WebSocket: 40 ms. A `require` does not. */
export const requiredHttp: Plugin = {
  name: 'required-http',
  setup(build) {
    build.onResolve({ filter: /^node:http$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    )
    build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
    }))
  },
}

/**
 * devk logs in with the KubeConfig of @kubernetes/client-node 2.0.1 and sends the requests itself. The rest of the client, its
 * generated API and undici, which only the client's own requests need, are a third of all that would be bundled: they stay out.
 */
export const onlyKubeConfig: Plugin = {
  name: 'only-kube-config',
  setup(build) {
    const unused: Record<string, string[]> = {
      undici: ['Agent', 'ProxyAgent'],
      './gen/index.js': ['createConfiguration', 'ServerConfiguration'],
    }
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === 'resolved') return undefined
      const found = await build.resolve(path, { resolveDir, kind, pluginData: 'resolved' })
      return { ...found, path: join(dirname(found.path), 'config.js') }
    })
    build.onResolve({ filter: /^(undici|\.\/gen\/index\.js)$/ }, ({ path, importer }) =>
      importer.endsWith('/@kubernetes/client-node/dist/config.js') ? { path, namespace: 'unused' } : undefined,
    )
    build.onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({
      contents: (unused[path] ?? [])
        .map((name) => `export function ${name}() { throw new Error('devk bundles no ${name} of ${path}') }`)
        .join('\n'),
    }))
  },
}

/**
 * What libraries try and do without: ssh2 1.17 takes its native addons where they were compiled, and a package for all platforms has none;
 * debug 4 colours its lines with supports-color, which is not among its dependencies; ws 8 has faster parts of it in addons.
 */
export const optionalParts: Plugin = {
  name: 'optional-parts',
  setup(build) {
    build.onResolve({ filter: /^(cpu-features|supports-color|bufferutil|utf-8-validate)$|\.node$/ }, ({ path }) => ({
      path,
      namespace: 'optional',
    }))
    build.onLoad({ filter: /./, namespace: 'optional' }, ({ path }) => ({
      contents: `throw new Error('devk bundles no ${path}')`,
    }))
  },
}
