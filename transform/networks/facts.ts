// Facts of an address at ingest. The worker matches the full address here, and never stores it.

/** Usage of a network, if a list or database gives it. */
export const networkTypes = ['cloud', 'ci', 'hosting', 'enterprise', 'isp', 'mobile', 'vpn', 'cgnat', 'tor'] as const;
export type NetworkType = (typeof networkTypes)[number];

export interface NetworkFacts {
  /** Longest registry prefix (org_evidence of kind cidr) that contains the address, in canonical CIDR text; null if none. */
  readonly prefix: string | null;
  /** Longest published cloud/CI range that contains the address, as '<provider>:<cidr>'; null if none. */
  readonly rangeId: string | null;
  readonly rangeType: NetworkType | null;
  /** Published crawler lists that contain the address ('openai-gptbot'). */
  readonly crawlerLists: readonly string[];
  readonly asn: number | null;
  /** Type of the network by AS or by an ISP/hosting list; null if not known. */
  readonly networkType: NetworkType | null;
}

/** The facts of an address that was not logged, or that is in no list. */
export const noFacts: NetworkFacts = {
  prefix: null,
  rangeId: null,
  rangeType: null,
  crawlerLists: [],
  asn: null,
  networkType: null,
};

/** A published range, as stored in `network_range` and matched at ingest. */
export interface NetworkRange {
  readonly cidr: string;
  /** 'aws', 'gcp', 'azure', 'github', 'openai', …; for crawler lists the list name ('openai-gptbot'). */
  readonly provider: string;
  /** Service within it if the list names one ('actions', 'ec2'), else ''. */
  readonly service: string;
  readonly type: NetworkType | 'crawler';
}
