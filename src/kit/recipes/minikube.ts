import { buildGoModule } from '../gobuild.ts'
import { buildKicbase } from '../kicbase.ts'
import type { NamesInNode } from '../node-images.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { goBuild, goRecipe } from './go-recipes.ts'
import { imageRecipe } from './image-recipes.ts'
import { versions } from './versions.ts'

const module = 'k8s.io/minikube'
const kubernetes = `v${versions.kubernetes}`
const provisioner = `gcr.io/k8s-minikube/storage-provisioner:v${versions.storageProvisioner}`

/** What `minikube start` says it is, and which image its storage addon names. */
const flags = [
  `-X ${module}/pkg/version.version=v${versions.minikube}`,
  `-X ${module}/pkg/version.storageProvisionerVersion=v${versions.storageProvisioner}`,
].join(' ')

/** Under these names the control plane that Minikube sets up looks for images besides those of a node of kind. */
const namesInNode: NamesInNode = {
  [`kit/pause:${versions.pause}`]: ['registry.k8s.io/pause:3.10.1'],
  [`kit/storage-provisioner:v${versions.storageProvisioner}`]: [provisioner],
}

/** Minikube, and the image of its nodes. */
export const minikubeRecipes: readonly Recipe[] = [
  goRecipe({
    name: 'minikube',
    version: versions.minikube,
    provides: ['minikube'],
    internal: false,
    onDemand: true,
    seconds: 100,
    builds: [
      goBuild(module, versions.minikube, { minikube: 'cmd/minikube' }, { ldflags: flags, over: 'go/minikube-drivers' }),
    ],
  }),
  goRecipe({
    name: 'storage-provisioner-program',
    version: versions.minikube,
    seconds: 20,
    builds: [goBuild(module, versions.minikube, { 'storage-provisioner': 'cmd/storage-provisioner' })],
  }),
  recipe({
    name: 'crictl',
    version: versions.criTools,
    kind: 'tool',
    internal: true,
    lane: 'compile',
    seconds: 30,
    files: ['go/crictl'],
    build: (work) =>
      buildGoModule(work, 'go/crictl', { out: 'crictl', package: 'github.com/kubernetes-sigs/cri-tools/cmd/crictl' }),
  }),
  imageRecipe({
    name: 'storage-provisioner',
    version: versions.storageProvisioner,
    internal: true,
    provides: [`kit/storage-provisioner:v${versions.storageProvisioner}`],
    seconds: 3,
    image: { folder: 'images/storage-provisioner', copies: { 'storage-provisioner-program': 'all' } },
  }),
  recipe({
    name: 'kicbase',
    version: versions.kicbase,
    kind: 'image',
    provides: [`gcr.io/k8s-minikube/kicbase:v${versions.kicbase}`],
    standIn: `the kit's node of kind with Minikube ${versions.minikube}'s base files; containerd is its only runtime, and Kubernetes ${versions.kubernetes} is in it`,
    onDemand: true,
    needs: ['node-image', 'crictl', 'image-pause', 'storage-provisioner'],
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
