/** How one API server is reached, and as whom: what a kubeconfig's context says, with nothing of it used yet. */
export interface Access {
  /** For people: the name of the context. */
  readonly name: string;
  readonly server: URL;
  /** Of the context; undefined: `default`. */
  readonly namespace: string | undefined;
  readonly tls: ServerTrust;
  /** `proxy-url` of the cluster; undefined: as the environment says. */
  readonly proxy: string | undefined;
  readonly login: Login;
}

export interface ServerTrust {
  /** PEM; undefined: the authorities that Node knows. */
  readonly ca: string | undefined;
  /** Name that the server's certificate must carry, where it is not the host's. */
  readonly servername: string | undefined;
  /** `insecure-skip-tls-verify`. */
  readonly insecure: boolean;
}

/** A client certificate and its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A user of a kubeconfig. Several may be given; all that are are used, as client-go does. */
export interface Login {
  readonly certificate: ClientCertificate | undefined;
  readonly token: string | undefined;
  /** Read anew for each request that finds it changed: what the cluster projects into a pod is renewed within the hour. */
  readonly tokenFile: string | undefined;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
  readonly exec: ExecPlugin | undefined;
}

/** A program that gives credentials (client.authentication.k8s.io), as `aws`, `gke-gcloud-auth-plugin` and `kubelogin` do. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  /** What it is told of the cluster, where it asked for that. */
  readonly cluster: Readonly<Record<string, string | boolean>> | undefined;
}
