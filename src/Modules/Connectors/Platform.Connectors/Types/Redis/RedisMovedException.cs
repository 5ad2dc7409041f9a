namespace Platform.Connectors.Types.Redis;

/// <summary>Another server of the cluster has the key.</summary>
internal sealed class RedisMovedException(string host, int port) : Exception("The key is at another server of the cluster.")
{
    public string Host { get; } = host;

    public int Port { get; } = port;
}
