-- Contents of a source's objects: of all, or those that an object may be the same as, or continue.
SELECT object, stored_sha256, content_sha256, content_bytes, body_at_bytes, heads, partition, same_as, continues, reason
FROM object_content FINAL
WHERE source = {source:String}
    AND
    (
        {all:Bool} OR stored_sha256 = {stored_sha256:String} OR object = {object:String}
        OR content_sha256 = {content_sha256:String} OR hasAny(heads, {heads:Array(String)}) OR ({tiny:Bool} AND empty(heads))
    )
ORDER BY object, stored_sha256
