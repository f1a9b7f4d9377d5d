import type { Recipe } from '../recipe.ts'
import { goBuild, goRecipe } from './go-recipes.ts'
import { imageRecipe } from './image-recipes.ts'
import { program } from './program-image.ts'
import { versions } from './versions.ts'

const traefik = 'github.com/traefik/traefik/v3'
const rollouts = 'github.com/argoproj/argo-rollouts'
const certManager = 'github.com/cert-manager/cert-manager'

function certManagerImage(name: string): Recipe {
  return imageRecipe({
    name: `cert-manager-${name}`,
    version: versions.certManager,
    licences: ['Apache-2.0'],
    provides: [`quay.io/jetstack/cert-manager-${name}:v${versions.certManager}`],
    standIn: `cert-manager ${versions.certManager} built from source; the newest whose commands are in one module`,
    onDemand: true,
    needs: ['static'],
    seconds: 3,
    image: {
      folder: 'images/cert-manager',
      args: { PROGRAM: name },
      copies: { 'cert-manager-program': [name] },
    },
  })
}

/** Images for ingress, releases and certificates: Traefik, Argo Rollouts and cert-manager. */
export const platformImageRecipes: readonly Recipe[] = [
  ...program({
    name: 'traefik',
    version: versions.traefik,
    licence: 'MIT',
    image: 'traefik',
    tag: `v${versions.traefik}`,
    seconds: 270,
    without: 'its dashboard and the DNS providers of ACME',
    builds: [
      goBuild(
        traefik,
        versions.traefik,
        { traefik: 'cmd/traefik' },
        {
          ldflags: `-X ${traefik}/pkg/version.Version=${versions.traefik}`,
          patches: [
            { module: 'github.com/traefik/traefik/dynamic/ext', folder: 'go/traefik-ext' },
            { module: 'github.com/go-acme/lego/v4', version: `v${versions.lego}`, folder: 'go/traefik-lego' },
          ],
        },
      ),
    ],
  }),
  ...program({
    name: 'argo-rollouts',
    version: versions.argoRollouts,
    licence: 'Apache-2.0',
    image: 'quay.io/argoproj/argo-rollouts',
    tag: `v${versions.argoRollouts}`,
    seconds: 360,
    builds: [
      goBuild(
        rollouts,
        versions.argoRollouts,
        { 'rollouts-controller': 'cmd/rollouts-controller' },
        { ldflags: `-X ${rollouts}/utils/version.version=${versions.argoRollouts}` },
      ),
    ],
  }),
  goRecipe({
    name: 'cert-manager-program',
    version: versions.certManager,
    licences: ['Apache-2.0'],
    seconds: 180,
    builds: [
      goBuild(
        certManager,
        versions.certManager,
        { controller: 'cmd/controller', webhook: 'cmd/webhook', cainjector: 'cmd/cainjector' },
        { ldflags: `-X ${certManager}/pkg/util.AppVersion=v${versions.certManager}` },
      ),
    ],
  }),
  ...['controller', 'webhook', 'cainjector'].map(certManagerImage),
]
