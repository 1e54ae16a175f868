-- When each published list was read, also where it said nothing new: a crawler list that was not read lately contradicts nobody.
CREATE TABLE IF NOT EXISTS network_list
(
    provider LowCardinality(String) COMMENT 'As in network_range',
    source String COMMENT 'File or URL',
    list_version String COMMENT 'The vendor''s own version or date, else of the bytes',
    published_at Nullable(DateTime('UTC')) COMMENT 'When the vendor made it; NULL where it does not say',
    read_at DateTime64(3, 'UTC') COMMENT 'When we read it',
    sha256 String COMMENT 'Of the bytes as they came',
    ranges UInt32 COMMENT 'Ranges and AS numbers in it'
)
ENGINE = ReplacingMergeTree
ORDER BY (provider, read_at, source)
COMMENT 'Readings of published lists';
