namespace Platform.LocalSupabase.Auth.Limits;

/// <summary>Token buckets by name, in memory: a restart forgives.</summary>
internal sealed class TokenBuckets(TimeProvider clock)
{
    private const int MostBuckets = 50_000;
    private readonly Dictionary<string, Bucket> _buckets = [];
    private readonly Lock _lock = new();

    /// <summary>Takes one.</summary>
    /// <returns>Zero, or how long it takes until there is one.</returns>
    public TimeSpan Take(string name, Rate rate)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            var content = ContentAt(name, rate, now);
            if (content < 1)
            {
                return TimeSpan.FromSeconds((1 - content) / rate.PerSecond);
            }

            Prune();
            _buckets[name] = new Bucket(content - 1, now);
            return TimeSpan.Zero;
        }
    }

    /// <summary>Whether there is one, without taking it.</summary>
    public bool HasAny(string name, Rate rate)
    {
        lock (_lock)
        {
            return ContentAt(name, rate, clock.GetUtcNow()) >= 1;
        }
    }

    /// <summary>Puts one back.</summary>
    public void GiveBack(string name, Rate rate)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            _buckets[name] = new Bucket(Math.Min(rate.Burst, ContentAt(name, rate, now) + 1), now);
        }
    }

    /// <summary>Fills a bucket.</summary>
    public void Refill(string name)
    {
        lock (_lock)
        {
            _buckets.Remove(name);
        }
    }

    private double ContentAt(string name, Rate rate, DateTimeOffset now) => _buckets.TryGetValue(name, out var bucket)
        ? Math.Min(rate.Burst, bucket.Content + (now - bucket.At).TotalSeconds * rate.PerSecond)
        : rate.Burst;

    // Whoever makes up names pushes out the oldest, which are full again first.
    private void Prune()
    {
        if (_buckets.Count >= MostBuckets)
        {
            foreach (var name in _buckets.OrderBy(bucket => bucket.Value.At).Take(MostBuckets / 2).Select(bucket => bucket.Key).ToList())
            {
                _buckets.Remove(name);
            }
        }
    }

    private readonly record struct Bucket(double Content, DateTimeOffset At);
}

/// <summary>How much a bucket holds and how fast it fills.</summary>
internal readonly record struct Rate(double Burst, double PerSecond)
{
    public static Rate Of(int burst, int count, TimeSpan period) => new(burst, count / period.TotalSeconds);

    public static Rate Every(TimeSpan interval) => new(1, 1 / interval.TotalSeconds);
}
