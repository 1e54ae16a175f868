-- Stores the usage of one or more batches, as Arrow rows. It can be repeated: a row that is stored twice collapses.
INSERT INTO usage_batch (batch_id, row, hour, ecosystem, package, version, artifact, file, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, network, requests, downloads, bytes, download_bytes, max_download_bytes, partials, client_facets, file_type, status)
SELECT
    {batch_ids:Array(UUID)}[{{batch}}],
    row,
    toDateTime(hour, 'UTC'),
    ecosystem,
    package,
    version,
    artifact,
    file,
    requester_class,
    identity,
    client,
    if(ci < 0, NULL, ci = 1),
    ci_provider,
    if(container < 0, NULL, container = 1),
    rule_id,
    evidence_set,
    country,
    network,
    requests,
    downloads,
    bytes,
    download_bytes,
    max_download_bytes,
    partials,
    client_facets,
    file_type,
    status
FROM {{input}}
SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0
