import { type ErrorCodeInfo, inputErrorCodes } from './error-codes-input.ts'

/**
 * All error codes. They are a contract with scripts: a code keeps its meaning, and is never renamed. docs/errors.md is
 * generated from this table (`node scripts/docs.ts`).
 */
export const errorCodes = {
  ...inputErrorCodes,
  TOOL_MISSING: {
    exitCode: 1,
    cause:
      'A program that this step needs is not installed, cannot be started or is too old: kind, minikube, kubectl, ' +
      'helm, docker buildx, Go or debootstrap. `devk top` reports it when no metrics server is installed in the ' +
      'cluster.',
    fix:
      'Install the version that the hint names. `devk doctor` checks all programs, and `devk doctor --fix` installs ' +
      'what it can.',
  },
  ENGINE_UNAVAILABLE: {
    exitCode: 1,
    cause:
      'The Docker engine does not answer: it is not running or stuck, you have no permission to use its socket, or ' +
      '`DOCKER_HOST` or the Docker context points to an engine that cannot be reached. Or Podman answers in its place.',
    fix:
      'Start the engine (Docker Desktop, Colima, or `sudo systemctl start docker`). On Linux, `devk doctor --fix` ' +
      'can start one. Without permission, add yourself to the group of the socket: `sudo usermod -aG docker $USER`.',
  },
  ENGINE_TOO_OLD: {
    exitCode: 1,
    cause: 'The Docker engine runs, but its version is older than the oldest one that devk supports.',
    fix: 'Upgrade the engine to the version that the message names.',
  },
  HOST_UNFIT: {
    exitCode: 1,
    cause:
      'This machine cannot do what was asked: the stack requests more CPU or memory than the nodes have, a port or ' +
      'a program needs root, no Docker engine can be installed here, a rootless engine runs on control groups v1, or ' +
      'the local certificate authority is damaged.',
    fix:
      'For a stack that does not fit, add the `scale` rules that the message suggests, or give the Docker engine ' +
      'more CPUs and memory. In the other cases follow the hint. `devk doctor` checks the machine.',
  },
  PORT_TAKEN: {
    exitCode: 1,
    cause:
      'Another program listens on a port that devk needs. The message names the program when it can be determined.',
    fix:
      'Stop that program, or choose another port: `cluster.ports` and `cluster.loadBalancers` for the cluster, ' +
      '`services.<name>.ports` for a forward, and `--port` for the page of `devk ui`.',
  },
  DISK_FULL: {
    exitCode: 1,
    cause: 'The disk of this machine, of the Docker engine or of a node is full.',
    fix:
      'Free disk space: `devk prune` removes images that no project of devk uses, and `docker system df` shows what ' +
      'uses the rest.',
  },
  LOCKED: {
    exitCode: 1,
    cause: 'Another devk command is changing the same project. The message names the command and its process ID.',
    fix: 'Wait until it ends, or stop it with Ctrl-C. The lock ends with its process, so there is no file to delete.',
  },
  LOCK_UNUSABLE: {
    exitCode: 1,
    cause:
      'The file that keeps two commands from changing one project at the same time cannot be locked. Its folder, ' +
      '`locks` in the state folder or cache of devk, belongs to another user, or its file system has no locks.',
    fix: 'Set `XDG_STATE_HOME` and `XDG_CACHE_HOME` to folders of yours on a local file system, or on NFS with locks.',
  },
  CLUSTER_FOREIGN: {
    exitCode: 1,
    cause:
      'A cluster, container or namespace has the name that devk would use, but devk did not create it for this ' +
      'project, or it was created again by someone else.',
    fix:
      'Choose another `name` in the configuration, or delete the other cluster yourself. `devk up` creates a ' +
      'cluster again after its own was deleted; `devk down` only removes the record of it.',
  },
  CLUSTER_FAILED: {
    exitCode: 1,
    cause:
      'The cluster could not be created or started, or it is damaged: a node is missing, its shape differs from the ' +
      'configuration, or a program failed on a node.',
    fix:
      'Read the output of the tool below the message. If the cluster is damaged or its shape changed, run `devk ' +
      'down`, then `devk up`. `devk doctor` finds limits of the machine that keep nodes from starting.',
  },
  CLUSTER_MISSING: {
    exitCode: 1,
    cause:
      'The command needs a running stack, and this project has none, or the kubeconfig does not contain the cluster ' +
      'that the configuration names.',
    fix:
      'Run `devk up`. For an existing cluster, check `cluster.context` and `cluster.kubeconfig`: `kubectl config ' +
      'get-contexts` lists the contexts.',
  },
  CONTEXT_REFUSED: {
    exitCode: 1,
    cause:
      'devk does not use this existing cluster: you have not allowed it yet, its context or server looks like ' +
      'production, or the context leads to another cluster, or logs in in another way, than you allowed. devk ' +
      'changed nothing in it.',
    fix:
      'Check that the context is the one you mean, then follow the hint. `devk up` asks for permission at the first ' +
      'use, and `devk up --allow-context NAME` gives it.',
  },
  KUBE_API: {
    exitCode: 1,
    cause:
      'The Kubernetes API server rejected a request or could not be reached, or a connection to a pod broke. The ' +
      'message contains the answer of the server.',
    fix:
      'If the server cannot be reached, check that the cluster runs (`devk status`), and start it with `devk up`. ' +
      'If the server denies access, your user needs the permission that the message names.',
  },
  BUILD_FAILED: {
    exitCode: 1,
    cause:
      'An image could not be built: a step of the Dockerfile failed, or the Dockerfile or the build context does ' +
      'not exist. Or `build.command` failed, or made no image that the engine has.',
    fix:
      'The message ends with the last lines of the failed step. Correct the Dockerfile, the command or the source, ' +
      'then run devk again; while `devk up` watches, saving the file is enough.',
  },
  IMAGE_MISSING: {
    exitCode: 1,
    cause: 'An image is neither on the Docker engine nor can it be pulled, and the kit does not build it.',
    fix:
      'Check the name and tag of the image and the connection to its registry. For a private registry run `docker ' +
      'login`. [kit.md](kit.md) lists the images that the kit builds.',
  },
  LOAD_FAILED: {
    exitCode: 1,
    cause:
      'An image could not be copied to the nodes of the cluster or pushed to a registry, or it arrived incomplete. ' +
      'The credentials of a registry that cannot be read have the same code.',
    fix:
      'Run the command again: devk copies only what is missing. If it fails again, check the disk space of the ' +
      'nodes, and `docker login` for a remote registry.',
  },
  IMAGE_CHANGED: {
    exitCode: 1,
    cause:
      'An image that devk itself chooses (of a preset, the registry or the node) is not the one that devk or the ' +
      'preset pins, or not the one that devk has used on this machine so far: somebody published another image ' +
      'under the same tag. A pulled image is removed again; nothing ran it.',
    fix:
      'Ask the publisher whether the tag was published again. To accept the new image, remove the file that the hint ' +
      'names, and run the command again.',
  },
  MANIFEST_INVALID: {
    exitCode: 2,
    cause:
      'The manifests cannot be rendered or the API server does not accept them: invalid YAML, a failed kustomize or ' +
      'helm run, an object that is defined twice, or an unknown field.',
    fix:
      'Correct the files that the message names. `devk plan` renders and checks the manifests without changing ' +
      'anything.',
  },
  CHART_MISSING: {
    exitCode: 1,
    cause:
      'A Helm chart, a dependency of one, or what else a preset is made from was not fetched yet or cannot be ' +
      'fetched. Only some commands fetch.',
    fix:
      'Run `devk fetch`, or `devk up`. If the message contains an answer of helm, git or a server, check the name, ' +
      'the version, the connection and the credentials of helm or git.',
  },
  CHART_CHANGED: {
    exitCode: 1,
    cause:
      'A version of a chart, a tag of a Git repository or a file has another content than the one whose digest is in ' +
      '`devk.lock`. devk uses neither.',
    fix:
      'Ask the publisher why. If you trust the new content, run `devk fetch --update <release>` or `devk preset ' +
      'update <preset>`, which renews the entry in `devk.lock`.',
  },
  OBJECT_FOREIGN: {
    exitCode: 1,
    cause:
      'An object or a container with this name exists, and it belongs to someone else. devk changes and deletes ' +
      'only objects that it created.',
    fix: 'Rename the object in your manifests, deploy to another namespace, or delete the existing object yourself.',
  },
  NOT_READY: {
    exitCode: 3,
    cause:
      'Something did not become ready within the time limit: a service, a preset, a node or the cluster. The ' +
      'message gives the reason that Kubernetes reports, such as a failed readiness probe.',
    fix:
      'Run `devk status` for the current reasons and `devk logs <service>` for the output of the containers. If it ' +
      'only needs more time, pass a longer `--timeout`.',
  },
  COPY_FAILED: {
    exitCode: 1,
    cause:
      '`devk cp` could not read or write all files: one does not exist in the container or may not be used by its ' +
      'user, the image has no `tar`, or the container stopped. Each file that was copied is whole.',
    fix: 'Correct what the details name, and copy again. `devk exec SERVICE -- ls -l PATH` shows what is there.',
  },
  SYNC_FAILED: {
    exitCode: 1,
    cause: 'Changed files could not be copied into a running container, for example because a path there is read-only.',
    fix: 'Check that the target folder of `sync` is writable in the container. The next save tries again.',
  },
  NODE_AGENT: {
    exitCode: 1,
    cause:
      'devk could not run its agent on a node of the cluster. The agent copies files into containers and connects ' +
      'forwards. The message gives the reason: a checkout of devk cannot build it without Go, the node cannot store ' +
      'it, or the kernel is older than Linux 5.6. Syncs and forwards then go through the API server, which is slower.',
    fix:
      'In a checkout, install Go 1.24 or newer. Otherwise run the command again; if it fails again, `devk down` and ' +
      '`devk up` create the node again.',
  },
  DEBUG_UNAVAILABLE: {
    exitCode: 1,
    cause:
      '`devk debug` found no program in the container that it can debug, or the program did not open its debugger. ' +
      'The message says what was looked for.',
    fix: 'Follow the hint. [debugging.md](debugging.md) says which runtimes devk debugs, and what their images need.',
  },
  COMMAND_FAILED: {
    exitCode: 1,
    cause:
      'A program failed, or an operation ended unsuccessfully: a Job, a rollback, a switch, a promotion, or a ' +
      'container of devk itself. The message contains the output.',
    fix: 'Read the details below the message. `--verbose` shows each program that devk runs, with its output.',
  },
  KIT_FAILED: {
    exitCode: 1,
    cause: 'A recipe of the kit failed: an image or a tool could not be built from packages.',
    fix:
      'Read the last lines of the recipe below the message, then run `devk kit build` again: it continues where it ' +
      'stopped. [kit.md](kit.md) explains proxies and certificates.',
  },
  INTERRUPTED: {
    exitCode: 130,
    cause: 'Ctrl-C, SIGTERM or SIGHUP ended the command. devk prints no message for it.',
    fix: 'Run the command again: each step can be repeated.',
  },
  DEFECT: {
    exitCode: 70,
    cause: 'devk failed in a way that its authors did not foresee. This is a bug in devk.',
    fix: 'Report it with the whole message, the version (`devk --version`) and the command that you ran.',
  },
} satisfies Record<string, ErrorCodeInfo>

/** The code of a failure that the user can act on. */
export type ErrorCode = Exclude<keyof typeof errorCodes, 'DEFECT'>
