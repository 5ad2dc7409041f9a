using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Host.Http;

/// <summary>
/// ASP.NET Core's data protection (the job dashboard's antiforgery tokens) on a key derived from the master key: the same on all nodes, and
/// nothing is written anywhere.
/// </summary>
internal static class DerivedDataProtection
{
    public static void AddDerivedDataProtection(this IServiceCollection services)
    {
        services.AddDataProtection();
        services.AddOptions<KeyManagementOptions>().Configure<MasterKeyRing>((options, masterKeys) =>
        {
            options.XmlRepository = new DerivedKeyRepository(masterKeys.Derive("data-protection"));
            options.AutoGenerateKeys = false;
        });
    }

    private sealed class DerivedKeyRepository(byte[] key) : IXmlRepository
    {
        private const int MasterKeyBytes = 64;

        public IReadOnlyCollection<XElement> GetAllElements() =>
        [
            new XElement(
                "key",
                new XAttribute("id", new Guid(key.AsSpan(0, 16))),
                new XAttribute("version", 1),
                new XElement("creationDate", "2020-01-01T00:00:00Z"),
                new XElement("activationDate", "2020-01-01T00:00:00Z"),
                new XElement("expirationDate", "9999-01-01T00:00:00Z"),
                new XElement(
                    "descriptor",
                    new XAttribute("deserializerType", typeof(AuthenticatedEncryptorDescriptorDeserializer).AssemblyQualifiedName!),
                    new XElement(
                        "descriptor",
                        new XElement("encryption", new XAttribute("algorithm", "AES_256_CBC")),
                        new XElement("validation", new XAttribute("algorithm", "HMACSHA256")),
                        new XElement("masterKey", new XElement("value", Convert.ToBase64String(MasterKey())))))),
        ];

        public void StoreElement(XElement element, string friendlyName) =>
            throw new InvalidOperationException("The key is derived, never stored.");

        private byte[] MasterKey() =>
            System.Security.Cryptography.HKDF.Expand(System.Security.Cryptography.HashAlgorithmName.SHA256, key, MasterKeyBytes);
    }
}
