using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Platform.Connectors.Tests.Sources;

/// <summary>A certificate for <c>localhost</c> that is its own root, as PEM.</summary>
internal sealed record ServerCertificate(string Certificate, string PrivateKey)
{
    public static ServerCertificate Create()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        return new ServerCertificate(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
