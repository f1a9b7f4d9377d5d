import type { ImageBuild } from '../imagebuild.ts'
import { buildNodeImage } from '../node-image.ts'
import type { NamesInNode } from '../node-images.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { debianLicences } from './bases.ts'
import { imageRecipe } from './image-recipes.ts'
import { versions } from './versions.ts'

const kubernetes = `v${versions.kubernetes}`

/**
 * An image that runs in nodes. The tags of devk's own images never change, because the manifests of the node name them.
 */
function inner(name: string, tag: string, image: Omit<ImageBuild, 'folder'>, needs: readonly string[] = []): Recipe {
  return imageRecipe({
    name: `image-${name}`,
    version: tag,
    licences: ['Apache-2.0'],
    internal: true,
    provides: [`kit/${name}:${tag}`],
    needs,
    seconds: 4,
    image: { folder: `images/${name}`, ...image },
  })
}

const debian = ['debian-bookworm']
const innerRecipes = [
  inner('pause', versions.pause, { copies: { pause: 'all' } }),
  inner('kubernetes', kubernetes, { copies: { kubernetes: ['nodekit'] } }, ['node-os']),
  inner('etcd', `${versions.etcd}-0`, { copies: { etcd: 'all' } }, debian),
  inner('coredns', `v${versions.coredns}`, { copies: { coredns: 'all' } }, debian),
  inner('local-path-provisioner', 'v1', { copies: { 'local-path-provisioner': 'all' } }, debian),
  inner('cni', 'v1', { copies: { 'cni-daemon': 'all' } }, ['node-os']),
]

/**
 * References that the images get in the node, where kubeadm and the manifests use them. On the engine the images are
 * named kit/…, so that they are not mistaken for upstream images.
 */
const namesInNode: NamesInNode = {
  [`kit/pause:${versions.pause}`]: [`registry.k8s.io/pause:${versions.pause}`],
  [`kit/kubernetes:${kubernetes}`]: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
    (name) => `registry.k8s.io/${name}:${kubernetes}`,
  ),
  [`kit/etcd:${versions.etcd}-0`]: [`registry.k8s.io/etcd:${versions.etcd}-0`],
  [`kit/coredns:v${versions.coredns}`]: [`registry.k8s.io/coredns/coredns:v${versions.coredns}`],
  'kit/local-path-provisioner:v1': [],
  'kit/cni:v1': [],
}

/** The node image of kind with all its contents, and the load balancer that kind runs for several control planes. */
export const clusterRecipes: readonly Recipe[] = [
  imageRecipe({
    name: 'node-os',
    version: 'bookworm',
    licences: debianLicences,
    internal: true,
    provides: ['kit/node-os:bookworm'],
    needs: ['debian-bookworm'],
    seconds: 40,
    image: { folder: 'images/node-os' },
  }),
  ...innerRecipes,
  imageRecipe({
    name: 'haproxy',
    version: 'v20230606-42a2262b',
    licences: ['GPL-2.0-or-later', 'LGPL-2.1-or-later'],
    provides: ['kindest/haproxy:v20230606-42a2262b'],
    standIn: "Debian 12's HAProxy, as kind 0.30 uses it",
    needs: ['debian-bookworm'],
    seconds: 12,
    image: { folder: 'images/haproxy' },
  }),
  recipe({
    name: 'node-image',
    version: versions.kubernetes,
    licences: ['Apache-2.0'],
    kind: 'image',
    provides: [`kindest/node:${kubernetes}`],
    standIn: [
      `Kubernetes ${versions.kubernetes} built from source on Debian 12,`,
      "with a network of devk's own that enforces NetworkPolicies,",
      'and CoreDNS without its plugins for clouds, DNSSEC, etcd and traces',
    ].join(' '),
    needs: ['node-os', 'containerd', 'cni-plugins', 'kubernetes', ...innerRecipes.map(({ name }) => name)],
    files: ['node'],
    // Increase `procedure` when a change of the build function changes the result.
    inputs: { procedure: '3', kind: versions.kind, names: JSON.stringify(namesInNode) },
    usesHost: true,
    seconds: 45,
    build: (work) => buildNodeImage(work, { kubernetes, kind: `v${versions.kind}`, namesInNode }),
  }),
]
