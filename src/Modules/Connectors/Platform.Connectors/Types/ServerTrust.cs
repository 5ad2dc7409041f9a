using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Platform.Connectors.Types;

/// <summary>
/// Whether a server's certificate is good for a config, where the client is given an address and cannot check the name itself.
/// </summary>
internal sealed class ServerTrust
{
    private readonly string _host;
    private readonly string _sslMode;
    private readonly X509Certificate2Collection _roots = [];

    /// <param name="host">The name that the certificate must be for.</param>
    /// <param name="sslMode"><c>verify-full</c> checks chain and name, <c>verify-ca</c> the chain alone, every other mode nothing.</param>
    /// <param name="rootCertificate">PEM of the roots to trust; the system's if null or empty.</param>
    public ServerTrust(string host, string sslMode, string? rootCertificate)
    {
        (_host, _sslMode) = (host, sslMode);
        if (rootCertificate is { Length: > 0 } pem)
        {
            ReadRoots(pem);
        }
    }

    /// <summary>The driver's callback.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_sslMode is not ("verify-ca" or "verify-full"))
        {
            return true;
        }

        if (certificate is null)
        {
            return false;
        }

        using var leaf = new X509Certificate2(certificate);
        var isTrusted = _roots.Count > 0 ? IsBelowRoots(leaf, chain) : !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
        return isTrusted && (_sslMode == "verify-ca" || leaf.MatchesHostname(_host));
    }

    private bool IsBelowRoots(X509Certificate2 leaf, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }

    private void ReadRoots(string pem)
    {
        try
        {
            _roots.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new SourceException(SourceFailure.InvalidConfig, "The root_certificate is no PEM certificate.", exception);
        }

        if (_roots.Count == 0)
        {
            throw new SourceException(SourceFailure.InvalidConfig, "The root_certificate is no PEM certificate.");
        }
    }
}
