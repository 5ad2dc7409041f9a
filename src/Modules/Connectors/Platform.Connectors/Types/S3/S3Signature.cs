using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Connectors.Types.S3;

/// <summary>Signs requests without a body (AWS Signature Version 4, in headers).</summary>
internal static class S3Signature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>Adds the headers that prove who asks; none if there is no access key, for buckets that anybody may read.</summary>
    public static void Sign(
        HttpRequestMessage request, string region, IReadOnlyDictionary<string, string> credentials, DateTimeOffset now)
    {
        var accessKey = credentials.GetValueOrDefault("access_key_id", "");
        if (accessKey.Length == 0)
        {
            return;
        }

        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = request.RequestUri!.Authority,
            ["x-amz-content-sha256"] = EmptyHash,
            ["x-amz-date"] = time,
        };
        if (credentials.GetValueOrDefault("session_token", "") is { Length: > 0 } token)
        {
            headers["x-amz-security-token"] = token;
        }

        var names = string.Join(';', headers.Keys);
        var scope = $"{time[..8]}/{region}/s3/aws4_request";
        var signed = $"{Algorithm}\n{time}\n{scope}\n{HashOf(Canonical(request, headers, names))}";
        var key = KeyOf(credentials.GetValueOrDefault("secret_access_key", ""), time[..8], region);
        var signature = Convert.ToHexStringLower(Hmac(key, signed));
        foreach (var (name, value) in headers.Where(header => header.Key != "host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation(
            "Authorization", $"{Algorithm} Credential={accessKey}/{scope}, SignedHeaders={names}, Signature={signature}");
    }

    /// <summary>Encodes as the signature wants it: all but letters, digits and <c>-._~</c>.</summary>
    public static string Encode(string text) => Uri.EscapeDataString(text);

    public static string EncodePath(string key) => string.Join('/', key.Split('/').Select(Encode));

    private static string Canonical(HttpRequestMessage request, SortedDictionary<string, string> headers, string names)
    {
        var query = request.RequestUri!.Query.TrimStart('?');
        var lines = string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n"));
        return $"{request.Method}\n{request.RequestUri.AbsolutePath}\n{query}\n{lines}\n{names}\n{EmptyHash}";
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static byte[] KeyOf(string secret, string day, string region)
    {
        var key = Encoding.UTF8.GetBytes($"AWS4{secret}");
        foreach (var part in new[] { day, region, "s3", "aws4_request" })
        {
            key = Hmac(key, part);
        }

        return key;
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
