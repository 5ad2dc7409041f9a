using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Platform.Connectors.Types.MySql;

/// <summary>
/// Whether a server's certificate is good for a config. The driver is given an address, not a name, so it cannot check the name itself.
/// </summary>
internal sealed class MySqlTrust
{
    private readonly MySqlConfig _config;
    private readonly X509Certificate2Collection _roots = [];

    public MySqlTrust(MySqlConfig config)
    {
        _config = config;
        if (config.RootCertificate is { Length: > 0 } pem)
        {
            ReadRoots(pem);
        }
    }

    /// <summary>The driver's callback.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_config.SslMode is not ("verify-ca" or "verify-full"))
        {
            return true;
        }

        if (certificate is null)
        {
            return false;
        }

        using var leaf = new X509Certificate2(certificate);
        var isTrusted = _roots.Count > 0 ? IsBelowRoots(leaf, chain) : !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
        return isTrusted && (_config.SslMode == "verify-ca" || leaf.MatchesHostname(_config.Host));
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
