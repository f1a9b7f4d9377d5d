import { buildGoModule } from '../gobuild.ts'
import { buildKicbase } from '../kicbase.ts'
import type { NamesInNode } from '../node-images.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { goBuild, goRecipe } from './go-recipes.ts'
import { versions } from './versions.ts'

const module = 'k8s.io/minikube'
const kubernetes = `v${versions.kubernetes}`

/** References that Minikube needs besides the images of a kind node. */
const namesInNode: NamesInNode = {
  [`kit/pause:${versions.pause}`]: ['registry.k8s.io/pause:3.10.1'],
}

/** Minikube, and its node image. */
export const minikubeRecipes: readonly Recipe[] = [
  goRecipe({
    name: 'minikube',
    version: versions.minikube,
    licences: ['Apache-2.0'],
    provides: ['minikube'],
    internal: false,
    onDemand: true,
    seconds: 100,
    builds: [
      goBuild(
        module,
        versions.minikube,
        { minikube: 'cmd/minikube' },
        { ldflags: `-X ${module}/pkg/version.version=v${versions.minikube}`, overlay: 'go/minikube-drivers' },
      ),
    ],
  }),
  recipe({
    name: 'crictl',
    version: versions.criTools,
    licences: ['Apache-2.0'],
    kind: 'tool',
    internal: true,
    lane: 'compile',
    seconds: 30,
    files: ['go/crictl'],
    build: (work) =>
      buildGoModule(work, 'go/crictl', { out: 'crictl', package: 'github.com/kubernetes-sigs/cri-tools/cmd/crictl' }),
  }),
  recipe({
    name: 'kicbase',
    version: versions.kicbase,
    licences: ['Apache-2.0'],
    kind: 'image',
    provides: [`gcr.io/k8s-minikube/kicbase:v${versions.kicbase}`],
    standIn: [
      `the kit's node of kind with Minikube ${versions.minikube}'s base files;`,
      `containerd is its only runtime, and Kubernetes ${versions.kubernetes} is in it`,
    ].join(' '),
    onDemand: true,
    needs: ['node-image', 'crictl', 'image-pause'],
    files: ['images/kicbase'],
    inputs: { procedure: '1', minikube: versions.minikube, names: JSON.stringify(namesInNode) },
    usesHost: true,
    seconds: 30,
    build: (work) =>
      buildKicbase(work, {
        minikube: `v${versions.minikube}`,
        kubernetes,
        node: `kindest/node:${kubernetes}`,
        namesInNode,
      }),
  }),
]
