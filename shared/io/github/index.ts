/** GitHub's REST API, through octokit with its plugins for retries and throttling; loaded only when it is used. */
export { openDeployments } from './deployments.ts';
export { openRemoteCheckout } from './remote-checkout.ts';
