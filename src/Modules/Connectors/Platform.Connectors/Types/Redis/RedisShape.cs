namespace Platform.Connectors.Types.Redis;

/// <summary>How the reply of a command becomes rows.</summary>
internal enum RedisShape
{
    /// <summary>One value, or a list of values: a column <c>value</c>.</summary>
    Values,

    /// <summary>A list of fields and values in turn.</summary>
    Fields,

    /// <summary>The values of the keys or fields that the command names.</summary>
    Named,

    /// <summary>Members; with their scores if the command asks for them.</summary>
    Members,

    /// <summary>Entries of a stream: an id and its fields.</summary>
    Entries,

    /// <summary>Pages of keys behind a cursor.</summary>
    KeyPages,

    /// <summary>Pages of a key's content behind a cursor.</summary>
    ContentPages,
}
