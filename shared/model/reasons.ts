/** What a reason code means and what to do: the source of `report.reason`, of error texts and of the troubleshooting page. */
interface Reason {
  /** One sentence, for the documentation. */
  readonly meaning: string;
  /** What the reader does about it; printed after the sentence of the error. */
  readonly remedy: string;
}

/**
 * Every reason code there is, by area. Codes are promises: they are added, never renamed.
 * A sentence belongs to the place that knows the facts; the remedy stands here unless that place knows a more exact one.
 */
export const REASONS = {
  // configuration and inputs
  'config-missing': {
    meaning: 'There is no slipway.yml where the action looked.',
    remedy: 'Add slipway.yml at the root, or name another file with the input `config`.',
  },
  'config-invalid': {
    meaning: 'A configuration file does not follow its schema.',
    remedy: 'Correct the line that is named; the schemas in `schemas/` check it in an editor.',
  },
  'config-uncommitted': {
    meaning: 'The work tree has another configuration than its commit: that of the commit counts.',
    remedy: 'Commit what an earlier step makes of it, or run this step before that one.',
  },
  'input-invalid': {
    meaning: 'An input of the action has a value it cannot have.',
    remedy: 'Correct the `with:` of this step.',
  },
  'service-unknown': {
    meaning: 'No service of this name is configured.',
    remedy: 'Name a service of slipway.yml.',
  },
  'environment-unknown': {
    meaning: 'No environment of this name is configured, or the service does not go there.',
    remedy: 'Name an environment of slipway.yml that the service goes to.',
  },
  'dependency-cycle': {
    meaning: 'Services depend on each other in a circle.',
    remedy: 'Take one of the dependencies in the circle out, unless it is meant.',
  },
  'not-yet': {
    meaning: 'The key is understood, but this version of Slipway cannot carry it out.',
    remedy: 'Take the key out, or use a version that has it.',
  },
  'manifest-unreadable': {
    meaning: 'A manifest that dependencies are imported from cannot be read.',
    remedy: 'Correct it; until then the services that use it are selected more often than they need be.',
  },
  // git
  'git-missing': { meaning: 'The program git was not found.', remedy: 'Install git on the runner.' },
  'git-failed': { meaning: 'A git command failed.', remedy: 'Read what git said; it stands in the message.' },
  'not-a-repository': {
    meaning: 'The working directory is no git checkout.',
    remedy: 'Run actions/checkout before this step.',
  },
  'base-unknown': {
    meaning: 'The commit to compare with could not be found or fetched.',
    remedy: 'Use `fetch-depth: 0` in actions/checkout, or `on-unknown-base: all`.',
  },
  // image and registry
  'context-missing': {
    meaning: 'A folder or file that the image is made of is not there.',
    remedy: 'Build it in an earlier step, or correct the path.',
  },
  'dockerfile-missing': {
    meaning: 'The service is built with docker, but has no Dockerfile.',
    remedy: 'Add the Dockerfile, set `image.dockerfile`, or use `builder: native`.',
  },
  'secret-missing': {
    meaning: 'A secret that the image is built with is not in the environment of the step.',
    remedy: 'Hand it over in the `env:` of the step.',
  },
  'builder-missing': {
    meaning: 'The service is built with docker, but buildx is not on this machine.',
    remedy: 'Add docker/setup-buildx-action before this step.',
  },
  'image-volatile': {
    meaning: 'Every commit or run makes another image of this service, so none that is there can be taken.',
    remedy:
      'Give the value to the service when it is deployed, as an environment variable, and take it out of the build; or set `image.reuse: off`.',
  },
  'context-unwatched': {
    meaning: 'The builder sees files that no change is looked for in, so a change there alone builds nothing.',
    remedy: 'Add them to `dependencies.paths` of the service, or leave them out by `.dockerignore`.',
  },
  'build-arg-unused': {
    meaning: 'A build argument is configured that the Dockerfile does not declare.',
    remedy: 'Add `ARG` with its name to the Dockerfile, or take it out of `image.build-args`.',
  },
  'builder-limited': {
    meaning: 'The builder cannot do all that was asked of it, and the image was built without.',
    remedy: 'Add docker/setup-buildx-action before this step, which starts a builder that can.',
  },
  'build-failed': { meaning: 'The builder failed.', remedy: 'Read the build log above.' },
  'image-not-found': {
    meaning: 'The registry does not have this image.',
    remedy: 'Build and push it first; check the repository and the digest.',
  },
  'image-invalid': {
    meaning: 'The registry answered with something that is not the image that was asked for.',
    remedy: 'Push the image again; check what stands between this machine and the registry.',
  },
  'platform-missing': {
    meaning: 'An image was to be made of platforms that other jobs build, and one of them is not there.',
    remedy:
      'Let the job of that platform end first, with `push: part` and the same commit, configuration and base images.',
  },
  'registry-denied': {
    meaning: 'The registry refused the credentials, or there are none.',
    remedy: 'Log in before this step (docker/login-action), with rights to this repository.',
  },
  'registry-unavailable': {
    meaning: 'The registry did not answer, or failed, more often than is retried.',
    remedy: 'Try again; look at the status page of the registry.',
  },
  'registry-refused': {
    meaning: 'The registry understood what it was asked, and refused it.',
    remedy: 'Read what the registry said; it stands in the message.',
  },
  'tag-conflict': {
    meaning: 'A tag that is written once points at another digest already.',
    remedy: 'Use another tag, or deploy the digest that has it.',
  },
  'signing-key-missing': {
    meaning: 'A key to sign images with is configured, but this run was not given it.',
    remedy:
      'Hand it over in the `env:` of the step, from a secret; until then no image of this run is taken by `reuse: verified`.',
  },
  'signing-failed': {
    meaning: 'The image could not be signed as the configuration asks for, so no tag points at it.',
    remedy: 'Read what cosign said; `keyless` needs `id-token: write` in the permissions of the job.',
  },
  'sbom-failed': {
    meaning: 'The list of components of an image could not be made.',
    remedy: 'Add anchore/sbom-action/download-syft before this step, or take `image.sbom` out.',
  },
  'gate-failed': {
    meaning: 'A gate did not pass, so nothing was written.',
    remedy: 'See which gate and why; what may be passed is passed with the input `override`.',
  },
  // ledger
  'ledger-unavailable': {
    meaning: 'The ledger could not be read or written, so nothing was deployed.',
    remedy: 'Give the job `contents: write`, and check that the remote accepts refs under refs/slipway/.',
  },
  'ledger-unbelievable': {
    meaning: 'A record of the ledger is not one that Slipway wrote.',
    remedy: 'Run `verify`; deploy the service again to start a believable record.',
  },
  // deploy
  'promotion-missing': {
    meaning: 'The image has not settled in the environment before this one.',
    remedy: 'Deploy it there first.',
  },
  'freeze-active': {
    meaning: 'A freeze window is open.',
    remedy: 'Wait until it ends, or pass it with `override: freeze`, which is recorded.',
  },
  held: {
    meaning: 'This digest was rolled back here and is held.',
    remedy: 'Ship a fix, or end the hold with `mode: release`.',
  },
  superseded: {
    meaning: 'A newer commit is live already.',
    remedy: 'Nothing is to be done; to go back on purpose use `mode: rollback`.',
  },
  diverged: {
    meaning: 'The commit to deploy and the one that is live have gone separate ways.',
    remedy: 'Rebase or merge, or pass it with `override: ancestry`, which is recorded.',
  },
  'ancestry-unknown': {
    meaning: 'Git could not say whether the commit to deploy follows the one that is live.',
    remedy: 'Use `fetch-depth: 0` in actions/checkout, or `override: ancestry`.',
  },
  'in-doubt': {
    meaning: 'An earlier deploy of this stream has no known end.',
    remedy: 'Deploy or roll back again: the next run settles it first.',
  },
  'nothing-to-roll-back-to': {
    meaning: 'The stream has no earlier image that was good.',
    remedy: 'Name a digest with `to`, or deploy a fix.',
  },
  locked: {
    meaning: 'Another deploy of this service and environment is running.',
    remedy: 'Wait for it, or raise `lock-wait`.',
  },
  fenced: {
    meaning: 'Another run took this deploy over while it stalled; it wrote nothing more.',
    remedy: 'Look at the run that is named; it is the one that counts.',
  },
  'needs-human': {
    meaning: 'A rollback failed, or must not be done by a machine; deploys of this stream stop until someone decides.',
    remedy: 'Look at the evidence, then roll back or deploy by hand with `mode: rollback`.',
  },
  unhealthy: {
    meaning: 'The new image ran, but did not pass its checks in time.',
    remedy: 'Read the evidence: the status of the checks and the last lines of the log.',
  },
  'start-failed': {
    meaning: 'The new image did not start, or stopped at once.',
    remedy: 'Read the evidence: the exit code and the last lines of the log.',
  },
  'rollback-failed': {
    meaning: 'The image before could not be brought back, or is not healthy either.',
    remedy: 'Look at both evidences and act by hand; deploys of this stream stop until then.',
  },
  interrupted: {
    meaning: 'The run that deployed this ended before it could finish.',
    remedy: 'Nothing is to be done; it was settled by a later run.',
  },
  cancelled: { meaning: 'The run was cancelled.', remedy: 'Run it again.' },
  'target-unavailable': {
    meaning: 'What runs the service could not be reached.',
    remedy: 'Check the address, the credentials and the network of this runner.',
  },
  'target-denied': {
    meaning: 'What runs the service refused the credentials, or they may not do what a deploy has to.',
    remedy: 'Give them the rights that are named; docs/kubernetes.md has the Role that is enough.',
  },
  'target-refused': {
    meaning: 'What runs the service understood what it was asked, and refused it.',
    remedy: 'Read what it said; it stands in the message.',
  },
  'workload-missing': {
    meaning: 'The workload that gets the image is not in the cluster.',
    remedy: 'Create it first, or correct `workload`, `namespace` and `context` of `deploy.target`.',
  },
  'target-drifted': {
    meaning: 'Somebody changed what runs by hand while a deploy was under way.',
    remedy: 'Deploy again: that run looks at what is there, and settles this one.',
  },
  'managed-elsewhere': {
    meaning: 'Another tool keeps the workload as it is described elsewhere, and would undo a deploy.',
    remedy: 'Deploy through that tool, or take the workload out of its hands.',
  },
  'field-conflict': {
    meaning: 'Fields that a manifest sets were written by somebody else, who would set them back.',
    remedy: 'Take the fields out of the manifest, or out of the hands of who is named.',
  },
  'render-failed': {
    meaning: 'The command that renders the manifests failed.',
    remedy: 'Run it in the folder of the service; what it said stands in the message.',
  },
  'pod-config-invalid': {
    meaning: 'A pod needs something that the cluster does not have, such as a ConfigMap, a Secret, a key or a volume.',
    remedy: 'Create what is named, or correct the description of the pod.',
  },
  unschedulable: {
    meaning: 'No node of the cluster took the new pods in time.',
    remedy: 'Look at what the pods ask for (resources, node selectors, tolerations) and at the free capacity.',
  },
  'quota-exceeded': {
    meaning: 'The quota of the namespace does not allow the new pods.',
    remedy: 'Raise the quota, or let the rollout need fewer pods at once (maxSurge).',
  },
  'admission-denied': {
    meaning: 'The cluster does not admit the new pods: a policy, a webhook, or a service account that is missing.',
    remedy: 'Read what it said; it stands in the message.',
  },
  'kubeconfig-invalid': {
    meaning: 'There is no kubeconfig, or it cannot be used.',
    remedy: 'Log in to the cluster before this step, or set `deploy.target.kubeconfig` and `context`.',
  },
  'target-state-invalid': {
    meaning: 'What the target has noted about itself cannot be read.',
    remedy:
      'Mend the file that is named, or move its folder away: then nothing counts as running, and a deploy starts anew.',
  },
  unchanged: { meaning: 'This image runs there already.', remedy: 'Nothing is to be done.' },
  'never-deployed': {
    meaning: 'Nothing of this service was ever deployed to this environment.',
    remedy: 'Deploy it first.',
  },
  released: { meaning: 'The hold was ended on request.', remedy: 'Nothing is to be done.' },
  'on-request': { meaning: 'Someone asked for it.', remedy: 'Nothing is to be done.' },
  // sinks, disk, ourselves
  'pipeline-failed': {
    meaning: 'Not every selected service went through its pipeline, or detection did not end well.',
    remedy:
      'Look at the jobs of the services that are named; a service that did not get through is selected again by the next push.',
  },
  'sink-failed': {
    meaning: 'A system that events are sent to did not take one.',
    remedy: 'Check its address and token; the ledger has the event all the same.',
  },
  'disk-full': { meaning: 'The disk of the runner is full.', remedy: 'Free space on the runner.' },
  'internal-error': {
    meaning: 'A bug of Slipway.',
    remedy: 'Please open an issue with this text: https://github.com/slipway-actions/slipway/issues',
  },
} as const satisfies Readonly<Record<string, Reason>>;

export type ReasonCode = keyof typeof REASONS;

export const isReasonCode = (text: string): text is ReasonCode => Object.hasOwn(REASONS, text);
