namespace Platform.Connectors.Types.Http;

/// <summary>An access token while it is good.</summary>
internal sealed class HttpToken(string value, DateTimeOffset issuedAt, TimeSpan life)
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(30);
    private readonly TimeSpan _life = life > ShortestLife ? life : ShortestLife;
    private int _renewing;

    public string Value { get; } = value;

    public DateTimeOffset IssuedAt { get; } = issuedAt;

    /// <summary>Whether it may end before a request that begins now does. A new token never is, however short the source makes it.</summary>
    public bool IsExpired(DateTimeOffset now)
    {
        var margin = _life * 0.1 < LongestMargin ? _life * 0.1 : LongestMargin;
        return now >= IssuedAt + _life - margin;
    }

    /// <summary>Whether the last fifth of its life has begun, and nobody has begun to renew it yet: whoever is told so does.</summary>
    public bool TryBeginRenewal(DateTimeOffset now) => now >= IssuedAt + (_life * 0.8) && Interlocked.Exchange(ref _renewing, 1) == 0;

    /// <summary>Lets the next one try, after a renewal that failed.</summary>
    public void EndRenewal() => Volatile.Write(ref _renewing, 0);
}
