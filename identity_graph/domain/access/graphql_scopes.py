"""Which scopes each field and argument of GraphQL needs: the one table, read by ``table``.

A line without indent names a type. A line below it has the scopes that the fields after the colon need, all of them; ``-`` needs none
beyond those of the field that leads there. ``masked`` fields are shown without ``pii``, but without personal values;
``rounded`` ones are counts of people, of which small ones are not told without ``pii``. An argument that needs more than its
field has it after a colon of its own. Connections and their edges need what the field that leads to them does.
"""

ENTRY_POINTS = """
Query
  read: changes(kinds customerId since first after order) why(a b) violations(code first after) identityHealth
    dataQuality order(orderId scope) rfmCut catalogue node(id) customer(id by asOf) lookup(value namespace asOf)
    customers(filter:segments+pii orderBy first after) rules deadLetters(first after) ingestStats
  read rules: previewRules(yaml) previewCatalogue(yaml)
  read segments: destinations(first after) alertRules alerts(first after) funnel(input) paths(input)
    attribution(input) experiments(first after) segments(first after) segment(id name)
    previewSegment(rule audience segment) explainMembership(segment customer)
  privacy: privacyRequests(state first after)
  admin: accessKeys auditLog(first after)
Mutation
  write: observe(input)
  rules pii: declareSame(a b reason) declareDifferent(a b reason) withdrawJudgement(id)
    unlink(a b reason at) overruleQuarantine(identifier reason)
  rules: retractObservation(source messageId) applyRules(yaml expectedVersion) rollbackRules(toVersion) applyCatalogue(yaml expectedVersion)
    rollbackCatalogue(toVersion) recutRfm retryDeadLetters(ids)
  segments: saveDestination(input) rotateSecret(destination) replayDeliveries(destination from)
    deleteDestination(id) saveAlertRule(input) deleteAlertRule(id) saveSegment(input) deleteSegment(id)
    pinMember(segment customer member reason) unpinMember(segment customer) saveExperiment(input)
    assignVariant(experiment by log)
  privacy: setConsent(input) previewErasure(by) eraseCustomer(by reason preserve) openPrivacyRequest(input)
    advancePrivacyRequest(id to reason) extendPrivacyRequest(id reason)
  admin: createAccessKey(input) rotateAccessKey(id overlap) revokeAccessKey(id)
Subscription
  read: changes(kinds after) journey(customerId)
  read segments: alerts(after)
  read segments pii: segmentMembership(segmentId after)
"""

OBJECTS = """
Node
  -: id
PageInfo
  -: hasNextPage endCursor

Customer
  read: id createdAt firstSeenAt lastSeenAt identifiers(namespace) identityGraph how
    journey(first after from to types channels names campaigns) firstTouch(conversion within direct)
    lastTouch(conversion within direct) sessions(first after) traits(names) traitCount mergedIds
    history(first after) profile segments membershipHistory(segmentId first after) consents consentDecisions
    mayUse(purpose channel)
Identifier
  read: id namespace label firstSeenAt lastSeenAt quarantined customer
  read masked: key value
LookupMatch
  read: identifier customer
IdentityGraph
  read: nodes links refusedLinks(first after)
Link
  read: firstSeenAt lastSeenAt count sources refused judgement bridge exampleEvent a b
LinkJudgement
  read: id verdict actor at
  read pii: reason
ResolutionStep
  read: order link tier
  read pii: reason
Explanation
  read: linked path bridges blockedBy
  read pii: text
Violation
  read: code at observationId ruleVersion a b
  read pii: message

Consent
  read: purpose channel state at source version identifier
  read pii: evidence
ConsentDecision
  read: subject channel state at repeatedAt source version messageId identifier
  read pii: evidence
Permission
  read: allowed refusal reason
SetConsentResult
  privacy: consent

ErasurePreview
  privacy: identifiers events traits segments orders
  privacy read: sharedWith
EraseResult
  privacy: receipt
PrivacyRequest
  privacy: id kind state region openedAt dueAt openedBy approvedBy approvals isExtended steps duplicateOf receipt preserve fault
  privacy pii: requester identifier
PrivacyStep
  privacy: name state at count by
PrivacyRequestResult
  privacy: request
ErasureReceipt
  privacy: id erasedAt identifiers events preservedOrders signature

Touchpoint
  read: id type name occurredAt receivedAt channel source session campaign identifiers
  read pii: properties context
Session
  read: id startedAt endedAt channel source touchpointCount campaign owner
Campaign
  read: source medium name term content clickIdName
  read pii: clickId

Change
  read: id kind at ruleVersion trigger cursor customers before after
Trigger
  read: kind id
ChangeSide
  read: customerId identifiers

Trait
  read: name observedAt source policy type personal declared identifier claims(first after)
  read masked: value
TraitClaim
  read: observedAt source won deleted reason identifier
  read masked: value
Profile
  read: orders(first after) spending affinities(by first) rfm lifecycle preferredChannel computed(names)
    quality qualityParts
  read masked: identity descriptive quantitative qualitative
ComputedTrait
  read: name asOf
  read masked: value
Spending
  read: purchases firstAt lastAt total average unconverted
Money
  read: amount currency
Affinity
  read: name orders quantity share lastAt
Rfm
  read: recencyDays frequency monetary unconverted score cut
RfmCut
  read: id version at population method currency recency frequency monetary classes recencyClasses
    frequencyClasses monetaryClasses
Lifecycle
  read: stage since reason history(first after)
LifecycleChange
  read: stage at cause reason purchases lastPurchaseAt rhythmDays rhythmSource
ChannelPreference
  read: channel scores
ChannelScore
  read: channel contacts responses score
QualityPart
  read: name score weight reason asOf
Order
  read: id scope orderId state placedAt total revenue refunded shipping tax discount lines problems identifier
    touchpoints(first after)
OrderLine
  read: productId sku name brand category price quantity
OrderProblem
  read: source messageId path
  read pii: reason

Segment
  read: id name description audience purpose version createdAt updatedAt deletedAt state progress fault
    sentence(language) asOf
  read rounded: size
  read segments: rule usedBy
  read segments pii: members(first after) transitions(first after) pins
  read segments rounded: history(from to)
SegmentSize
  read rounded: size entered exited
  read: at
Pin
  read segments: member actor at
  read segments pii: reason customer
MembershipChange
  read: number segmentId customerId entered at occurredAt cause cursor segment customer
  read pii: reason
SegmentPreview
  read segments: audience asOf timeZone warnings sentence(language) overlap explain(customer)
  read segments rounded: size least most share audienceSize
  read segments pii: sample(first)
SegmentOverlap
  read segments: segment
  read segments rounded: size
Membership
  read segments: member since conditions nextAt fault pin inAudience
ConditionResult
  read segments: holds children sentence(language)
  read segments pii: actual

Destination
  read segments: id name url secret segments kinds reentry coolDown initial region createdAt updatedAt
    disabledSince disabledReason pending failed deliveries(state first after) channel withheld
WithheldCount
  read segments: reason count
Delivery
  read segments: id kind customerId state attempts lastStatus lastError createdAt nextAttemptAt deliveredAt
    failedAt withheld
Alert
  read segments: id cursor rule name eventName occurredAt at repeats customer event
AlertRule
  read segments: id name event orderAbove backAfter segment repeatAfter quietHours enabled createdAt
    updatedAt where
QuietHours
  read segments: from to

Experiment
  read segments: id name description salt variants holdOut startsAt endsAt window conversion version
    createdAt updatedAt
  read segments pii: results
ExperimentVariant
  read segments: name weight
ExperimentResults
  read segments pii: asOf decidedAt isFinal warnings variants heldOut sampleRatio inTwo repeated early late
    unknown nobody
VariantResult
  read segments pii: name rate interval difference differenceInterval pValue customers conversions open
VariantAssignment
  -: experiment variant wasExposed logged
Interval
  read segments: low high
SampleRatio
  read segments: pValue isMismatch causes
Funnel
  read segments: asOf steps groups
FunnelStep
  read segments: number event medianSeconds droppedRule
  read segments rounded: customers conversion fromPrevious dropped open
FunnelGroup
  read segments: key steps
PathCount
  read segments: steps customers share isRest
Attribution
  read segments: key visits assisted unconverted credits
AttributionCredit
  read segments: model conversions value share

IdentityHealth
  read: takenAt verdict findings identifiers customers anonymousCustomers anonymousShare largestCustomer
    maxIdentifiers quarantined deadLetters namespaces sizes violationCounts days suspects(first)
HealthFinding
  read: level code title advice
NamespaceHealth
  read: namespace identifiers observations customers mean p95 max quarantined crowded ignored
IgnoredCount
  read: namespace code count
SizeCount
  read: least most
  read rounded: customers
ViolationCount
  read: code count
DayHealth
  read: date newCustomers merges splits movedIdentifiers refusedLinks ignoredValues
Suspect
  read: partners of limit percent identifier
DataQuality
  read: asOf since findings sample sources(first after) events(source first after)
    traits(source first after) similarEventNames(first after) unusedColumns(first after)
CustomerSample
  read: customers all asOf
SourceQuality
  read: source accepted repeated repeatedShare lastDate volume asOf
Volume
  read: date messages usual weeks ratio unusual
EventQuality
  read: source type name messages volume asOf
TraitQuality
  read: source name declared type validity completeness freshness
Validity
  read: claims deletions misfits unsuited tooLarge share newestAt exampleId asOf
Completeness
  read: customers filled own share asOf
Freshness
  read: newestAt values stale staleShare asOf
SimilarNames
  read: names likeness
UnusedColumns
  read: file source columns importedAt
IngestStats
  read: accepted duplicates deadLettered ignored
DeadLetter
  read: id code receivedAt source attempts
  read pii: reason raw lastError payload

RuleSet
  read: version yaml appliedAt appliedBy status progress error
RuleDiff
  read rules: customersBefore customersAfter merged split unchanged largest examples(first)
RuleDiffExample
  read rules: before after
Catalogue
  read: version yaml appliedAt appliedBy status progress error
CatalogueDiff
  read rules: changes rebuilds sampled changed examples(first)
CatalogueChange
  read rules: part name before after
TraitExample
  read rules: customerId name
  read rules pii: before after
AccessKey
  admin: id name scopes createdAt lastUsedAt expiresAt revokedAt previousUntil

AuditEntry
  admin: id number at who action operation objects counts outcome reason hash
AuditActor
  admin: name kind keyId address

AccessKeyResult
  -: accessKey secret
ObserveResult
  -: duplicate customer ignored
IgnoredIdentifier
  -: namespace value code
RetryResult
  -: retried succeeded failed
JudgementResult
  -: id customers
RetractResult
  -: id customers stillLinked
QuarantineResult
  -: id identifier
RuleSetResult
  -: rules
RfmCutResult
  -: cut
CatalogueResult
  -: catalogue
SaveDestinationResult
  -: destination
ReplayResult
  -: replayed destination
DeleteDestinationResult
  -: id
AlertRuleResult
  -: rule
DeleteAlertRuleResult
  -: id
SegmentResult
  -: segment warnings
DeleteSegmentResult
  -: id
ExperimentResult
  -: experiment
"""
